#include <utility>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/stream.h>
#include <ganymede/kernels/stream_state.h>

namespace ganymede {
namespace {

namespace runtime = kernels::cuda::runtime;
using kernels::CapturedGraph;
using kernels::has_cuda;

// Takes the capture off the stream. What it kept is released with it, outside the state's lock.
[[maybe_unused]] std::shared_ptr<CapturedGraph> detach(Stream& stream) {
  const auto state = kernels::state_of(stream);
  const std::scoped_lock lock(state->mutex);
  return std::exchange(state->capture, nullptr);
}

// `Graph` holds a shared pointer on the heap, so that its header needs no type of this file.
using Handle = std::shared_ptr<CapturedGraph>;
Handle* handle_of(void* native) { return static_cast<Handle*>(native); }

}  // namespace

Graph::~Graph() { delete handle_of(native_); }

Graph::Graph(Graph&& other) noexcept : native_(std::exchange(other.native_, nullptr)) {}

Graph& Graph::operator=(Graph&& other) noexcept {
  std::swap(native_, other.native_);
  return *this;
}

void Graph::begin(Stream& stream) {
  if (stream.capturing_) throw UsageError("capture: the stream is being captured already");
  if (stream.device().kind == DeviceKind::cpu) {
    throw UsageError("capture: a CPU stream runs its work at once, there is nothing to record");
  }
  if constexpr (has_cuda) {
    const auto state = kernels::state_of(stream);
    const std::scoped_lock lock(state->mutex);
    runtime::begin_capture(stream.device().index, stream.native_);
    state->capture = std::make_shared<CapturedGraph>();
    stream.capturing_ = true;
  }
}

Graph Graph::end(Stream& stream) {
  if (!stream.capturing_) throw UsageError("capture: the stream is not being captured");
  Graph graph;
  if constexpr (has_cuda) {
    stream.capturing_ = false;
    // The capture is over before it is taken off: a thread that frees a block of this stream
    // meanwhile must not record an event into it.
    void* executable = nullptr;
    try {
      executable = runtime::end_capture(stream.device().index, stream.native_);
    } catch (...) {
      detach(stream);
      throw;
    }
    const auto captured = detach(stream);
    captured->executable = executable;
    graph.native_ = new Handle(captured);
  }
  return graph;
}

void Graph::abandon(Stream& stream) noexcept {
  if constexpr (has_cuda) {
    if (!stream.capturing_) return;
    stream.capturing_ = false;
    runtime::abandon_capture(stream.native_);
    detach(stream);
  }
}

void Graph::launch(Stream& stream) const {
  if (native_ == nullptr) throw UsageError("graph: nothing was captured into it");
  if (stream.capturing_) {
    throw UsageError("graph: launched on a stream that is being captured; replay it outside");
  }
  if constexpr (has_cuda) {
    CapturedGraph& captured = **handle_of(native_);
    runtime::launch_graph(stream.device().index, captured.executable, stream.native());
    captured.replayed_on = kernels::state_of(stream);
  }
}

}  // namespace ganymede
