#include <ganymede/kernels/stream_state.h>

#include <unordered_map>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/runtime.h>

namespace ganymede::kernels {
namespace {

namespace runtime = cuda::runtime;

// Never destroyed: streams held by other statics retire at exit.
struct Registry {
  std::mutex mutex;
  std::unordered_map<std::uint64_t, std::shared_ptr<StreamState>> streams;
};

Registry& registry() {
  static auto& only = *new Registry;
  return only;
}

}  // namespace

CapturedGraph::~CapturedGraph() {
  if constexpr (has_cuda) {
    if (executable != nullptr) runtime::destroy_graph(executable);
  }
  for (const auto& release : releases) release(replayed_on);
}

std::shared_ptr<StreamState> state_of(const Stream& stream) {
  if (stream.device().kind == DeviceKind::cpu) return nullptr;
  const std::scoped_lock lock(registry().mutex);
  return registry().streams.at(stream.id());
}

std::shared_ptr<StreamState> register_stream(Device device, std::uint64_t id, void* native) {
  auto state = std::make_shared<StreamState>();
  state->device = device;
  state->id = id;
  state->native = native;
  const std::scoped_lock lock(registry().mutex);
  registry().streams[id] = state;
  return state;
}

void retire_stream(std::uint64_t id) noexcept {
  if constexpr (has_cuda) {
    std::shared_ptr<StreamState> state;
    {
      const std::scoped_lock lock(registry().mutex);
      const auto found = registry().streams.find(id);
      state = found->second;
      registry().streams.erase(found);
    }
    const std::scoped_lock lock(state->mutex);
    try {
      state->end = mark(*state);
    } catch (const Error&) {
      // A device that can record no event any more runs nothing either: nothing is left to wait
      // for.
    }
    runtime::destroy_stream(state->native);
    state->native = nullptr;
  }
}

std::shared_ptr<void> mark(StreamState& state) {
  if constexpr (has_cuda) {
    if (state.native == nullptr) return state.end;
    std::shared_ptr<void> event(runtime::create_event(state.device.index), runtime::destroy_event);
    runtime::record(event.get(), state.native);
    return event;
  }
  return nullptr;
}

}  // namespace ganymede::kernels
