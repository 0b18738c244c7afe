// Streams, events, copies and fills: queued here, run when the host must know.

#include <cstring>

#include <fmt/core.h>

#include <ganymede/kernels/simt/queue.h>

using namespace ganymede::simt;

namespace {

std::uint64_t capture_number(cudaStream_t stream) {
  return stream->capture == nullptr ? 0 : stream->capture->number;
}

cudaError_t check_known(cudaStream_t stream) {
  if (queues().knows(stream)) return cudaSuccess;
  return fail(cudaErrorInvalidResourceHandle, "the stream does not exist, or no longer");
}

// Waiting on the host would have to run what is only being recorded: CUDA ends the capture.
cudaError_t refuse_capture(cudaStream_t stream, const char* call) {
  if (stream->capture == nullptr) return cudaSuccess;
  stream->capture->invalid = true;
  return fail(cudaErrorStreamCaptureUnsupported,
              fmt::format("{} on a stream that is being captured", call));
}

cudaError_t refuse_captured(cudaEvent_t event) {
  if (event->capture == 0) return cudaSuccess;
  return fail(cudaErrorCapturedEvent, "the event was last recorded in a capture");
}

}  // namespace

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return guarded([&] {
    *stream = queues().add();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return guarded([&] {
    if (const cudaError_t error = check_known(stream)) return error;
    stream->destroyed = true;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return guarded([&] {
    if (const cudaError_t error = check_known(stream)) return error;
    if (const cudaError_t error = refuse_capture(stream, "cudaStreamSynchronize")) return error;
    queues().run_until([stream] { return stream->queue.empty(); });
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return guarded([&] {
    if (const cudaError_t error = check_not_capturing("cudaDeviceSynchronize")) return error;
    queues().run_all();
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const std::scoped_lock lock(emulator_lock());
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return guarded([&] {
    if (const cudaError_t error = check_known(stream)) return error;
    event->capture = capture_number(stream);
    if (stream->capture != nullptr) return cudaSuccess;
    event->reached = std::make_shared<bool>(false);
    queues().push(stream, [reached = event->reached] { *reached = true; });
    return cudaSuccess;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return guarded([&] {
    if (const cudaError_t error = check_known(stream)) return error;
    // A wait inside one captured stream is its order anyway. Captures that fork over several
    // streams are not emulated.
    if (event->capture != 0 && event->capture == capture_number(stream)) return cudaSuccess;
    if (event->capture != 0 || stream->capture != nullptr) {
      return fail(cudaErrorStreamCaptureIsolation,
                  "an event joins a captured stream with one outside the capture");
    }
    queues().push_wait(stream, event->reached);
    return cudaSuccess;
  });
}

// Time passes while the host asks, so that a loop of queries ends.
cudaError_t cudaEventQuery(cudaEvent_t event) {
  return guarded([&] {
    if (const cudaError_t error = check_not_capturing("cudaEventQuery")) return error;
    if (const cudaError_t error = refuse_captured(event)) return error;
    if (*event->reached) return cudaSuccess;
    queues().step();
    return *event->reached ? cudaSuccess : cudaErrorNotReady;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return guarded([&] {
    if (const cudaError_t error = check_not_capturing("cudaEventSynchronize")) return error;
    if (const cudaError_t error = refuse_captured(event)) return error;
    queues().run_until([event] { return *event->reached; });
    return cudaSuccess;
  });
}

// The host's side is read or written when the copy runs, not when it is queued.
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
  return guarded([&] {
    if (const cudaError_t error = check_known(stream)) return error;
    queues().push(stream, [=] { std::memcpy(to, from, bytes); });
    return cudaSuccess;
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return guarded([&] {
    if (const cudaError_t error = check_known(stream)) return error;
    queues().push(stream, [=] { std::memset(to, value, bytes); });
    return cudaSuccess;
  });
}
