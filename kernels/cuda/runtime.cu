// The CUDA runtime behind kernels/runtime.h: streams, events, memory, copies and graphs.

#include <ganymede/kernels/runtime.h>

#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/cuda/check.cuh>

namespace ganymede::kernels::cuda::runtime {
namespace {

cudaStream_t as_stream(void* handle) { return static_cast<cudaStream_t>(handle); }
cudaEvent_t as_event(void* handle) { return static_cast<cudaEvent_t>(handle); }

// Lets this thread allocate, free and query while one of its streams is captured: these calls touch
// nothing that is being recorded.
class RelaxedCapture {
 public:
  RelaxedCapture() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  ~RelaxedCapture() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  RelaxedCapture(const RelaxedCapture&) = delete;
  RelaxedCapture& operator=(const RelaxedCapture&) = delete;

 private:
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

// Asked what it was compiled for; never run.
__global__ void probe() {}

void copy(void* stream, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
          const char* what) {
  if (bytes > 0) check(cudaMemcpyAsync(to, from, bytes, kind, as_stream(stream)), what);
}

}  // namespace

// ---- devices ----------------------------------------------------------------------------------

int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

std::string why_no_device() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && count > 0) return {};
  cudaGetLastError();
  if (error == cudaErrorInsufficientDriver) {
    return "the NVIDIA driver is missing or too old: install one for CUDA 13 (580 or newer)";
  }
  if (error == cudaSuccess || error == cudaErrorNoDevice) {
    return "the NVIDIA driver finds no GPU: look at nvidia-smi and CUDA_VISIBLE_DEVICES";
  }
  return std::string("the CUDA runtime reports: ") + cudaGetErrorString(error);
}

Properties properties(int device) {
  cudaDeviceProp found{};
  check(cudaGetDeviceProperties(&found, device), "device properties");
  Properties result;
  result.name = found.name;
  result.compute_major = found.major;
  result.compute_minor = found.minor;
  const DeviceScope scope(device);
  cudaFuncAttributes code{};
  check(cudaFuncGetAttributes(&code, reinterpret_cast<const void*>(probe)), "code of this device");
  if (code.ptxVersion < 10)  // what kernels are chosen by
    throw DeviceError("device " + result.name +
                      ": the runtime does not say what its code was compiled for");
  result.code_major = code.ptxVersion / 10;
  result.code_minor = code.ptxVersion % 10;
  result.multiprocessors = found.multiProcessorCount;
  result.shared_memory = found.sharedMemPerBlockOptin;
  result.shared_memory_of_all = found.sharedMemPerMultiprocessor;
  result.reserved_shared_memory = found.reservedSharedMemPerBlock;
  check(cudaDriverGetVersion(&result.driver), "driver version");
  check(cudaMemGetInfo(&result.free_memory, &result.memory), "device memory");
  return result;
}

// ---- streams and events -----------------------------------------------------------------------

void* create_stream(int device) {
  const DeviceScope scope(device);
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "create stream");
  return stream;
}

void destroy_stream(void* stream) noexcept { cudaStreamDestroy(as_stream(stream)); }

void synchronize(void* stream) { check(cudaStreamSynchronize(as_stream(stream)), "synchronize"); }

void* create_event(int device) {
  const DeviceScope scope(device);
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "create event");
  return event;
}

void destroy_event(void* event) noexcept { cudaEventDestroy(as_event(event)); }

void record(void* event, void* stream) {
  check(cudaEventRecord(as_event(event), as_stream(stream)), "record event");
}

void wait(void* stream, void* event) {
  check(cudaStreamWaitEvent(as_stream(stream), as_event(event), 0), "wait for event");
}

bool finished(void* event) {
  const RelaxedCapture relaxed;
  const cudaError_t error = cudaEventQuery(as_event(event));
  if (error == cudaErrorNotReady) {
    cudaGetLastError();
    return false;
  }
  check(error, "query event");
  return true;
}

void synchronize_event(void* event) {
  const RelaxedCapture relaxed;
  check(cudaEventSynchronize(as_event(event)), "synchronize event");
}

// ---- memory -----------------------------------------------------------------------------------

void* allocate(int device, std::size_t bytes) {
  const DeviceScope scope(device);
  const RelaxedCapture relaxed;
  void* memory = nullptr;
  const cudaError_t error = cudaMalloc(&memory, bytes);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(error, "allocate device memory");
  return memory;
}

void release(int, void* memory) noexcept {
  const RelaxedCapture relaxed;
  cudaFree(memory);
}

void* allocate_host(int device, std::size_t bytes) {
  const DeviceScope scope(device);
  const RelaxedCapture relaxed;
  void* memory = nullptr;
  check(cudaHostAlloc(&memory, bytes, cudaHostAllocDefault), "allocate pinned memory");
  return memory;
}

void release_host(void* memory) noexcept {
  const RelaxedCapture relaxed;
  cudaFreeHost(memory);
}

void mark_extent([[maybe_unused]] void* stream, [[maybe_unused]] void* memory,
                 [[maybe_unused]] std::size_t bytes, [[maybe_unused]] std::size_t capacity) {
#if defined(GANYMEDE_SIMT)
  simt::mark_extent(as_stream(stream), memory, bytes, capacity);
#endif
}

void copy_to_device(void* stream, void* device, const void* host, std::size_t bytes) {
  copy(stream, device, host, bytes, cudaMemcpyHostToDevice, "copy to the device");
}

void copy_to_host(void* stream, void* host, const void* device, std::size_t bytes) {
  copy(stream, host, device, bytes, cudaMemcpyDeviceToHost, "copy to the host");
}

void copy_within(void* stream, void* to, const void* from, std::size_t bytes) {
  copy(stream, to, from, bytes, cudaMemcpyDeviceToDevice, "copy within the device");
}

void fill_zero(int device, void* stream, void* memory, std::size_t bytes) {
  if (bytes == 0) return;
  const DeviceScope scope(device);
  check(cudaMemsetAsync(memory, 0, bytes, as_stream(stream)), "fill with zeros");
}

// ---- graphs -----------------------------------------------------------------------------------

void begin_capture(int device, void* stream) {
  const DeviceScope scope(device);
  check(cudaStreamBeginCapture(as_stream(stream), cudaStreamCaptureModeThreadLocal),
        "begin capture");
}

void* end_capture(int device, void* stream) {
  const DeviceScope scope(device);
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(as_stream(stream), &graph), "end capture");
  cudaGraphExec_t executable = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&executable, graph, 0);
  cudaGraphDestroy(graph);
  check(error, "instantiate graph");
  return executable;
}

void abandon_capture(void* stream) noexcept {
  cudaGraph_t graph = nullptr;
  if (cudaStreamEndCapture(as_stream(stream), &graph) == cudaSuccess) cudaGraphDestroy(graph);
  cudaGetLastError();
}

void launch_graph(int device, void* graph, void* stream) {
  const DeviceScope scope(device);
  check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), as_stream(stream)), "launch graph");
}

void destroy_graph(void* graph) noexcept {
  cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph));
}

}  // namespace ganymede::kernels::cuda::runtime
