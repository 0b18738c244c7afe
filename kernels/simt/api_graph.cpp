// Capture records instead of queueing; a replay queues the record, with the values it was made
// with.

#include <algorithm>

#include <fmt/core.h>

#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/simt/launch_counts.h>
#include <ganymede/kernels/simt/queue.h>

namespace ganymede::simt {
namespace {

std::vector<CUgraph_st*>& captures() {
  static auto& all = *new std::vector<CUgraph_st*>;
  return all;
}

thread_local cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

// Whether a call by this thread breaks the capture: never where the thread's mode is relaxed, and
// never a thread-local capture of another thread.
bool forbids(const CUgraph_st& capture) {
  if (capture.mode == cudaStreamCaptureModeRelaxed) return false;
  if (thread_mode == cudaStreamCaptureModeRelaxed) return false;
  const bool own = capture.thread == std::this_thread::get_id();
  return own || (capture.mode == cudaStreamCaptureModeGlobal &&
                 thread_mode == cudaStreamCaptureModeGlobal);
}

}  // namespace

cudaError_t check_not_capturing(const char* call) {
  for (CUgraph_st* capture : captures()) {
    if (!forbids(*capture)) continue;
    capture->invalid = true;
    return fail(cudaErrorStreamCaptureUnsupported, fmt::format("{} during a capture", call));
  }
  return cudaSuccess;
}

}  // namespace ganymede::simt

using namespace ganymede::simt;

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  std::swap(*mode, thread_mode);
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return guarded([&] {
    if (!queues().knows(stream) || stream->capture != nullptr) {
      return fail(cudaErrorInvalidValue, "the stream does not exist or is being captured already");
    }
    static std::uint64_t number = 0;
    stream->capture = new CUgraph_st;
    stream->capture->number = ++number;
    stream->capture->thread = std::this_thread::get_id();
    stream->capture->mode = mode;
    captures().push_back(stream->capture);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return guarded([&] {
    *graph = nullptr;
    if (!queues().knows(stream) || stream->capture == nullptr) {
      return fail(cudaErrorInvalidValue, "the stream is not being captured");
    }
    if (stream->capture->mode != cudaStreamCaptureModeRelaxed &&
        stream->capture->thread != std::this_thread::get_id()) {
      return fail(cudaErrorStreamCaptureWrongThread, "another thread began this capture");
    }
    std::unique_ptr<CUgraph_st> capture(std::exchange(stream->capture, nullptr));
    std::erase(captures(), capture.get());
    if (capture->invalid) {
      return fail(cudaErrorStreamCaptureInvalidated, "a forbidden call broke the capture");
    }
    *graph = capture.release();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const std::scoped_lock lock(emulator_lock());
  const CUgraph_st* capture = stream->capture;
  *status = capture == nullptr ? cudaStreamCaptureStatusNone
            : capture->invalid ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  *exec =
      new CUgraphExec_st{std::make_shared<const std::vector<std::function<void()>>>(graph->nodes)};
  return cudaSuccess;
}

// Each node is an operation of its own, so that other streams can come between.
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  return guarded([&] {
    if (!queues().knows(stream)) {
      return fail(cudaErrorInvalidResourceHandle, "the stream does not exist, or no longer");
    }
    count_graph();
    for (std::size_t i = 0; i < exec->nodes->size(); ++i) {
      queues().push(stream, [nodes = exec->nodes, i] { (*nodes)[i](); });
    }
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  delete exec;
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
