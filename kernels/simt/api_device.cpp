// Errors, the device's properties and its memory. Memory is the host's own, from malloc, so that
// the address sanitizer sees its ends; it starts as NaN bytes.

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include <fmt/core.h>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/simt/queue.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {
namespace {

struct LastError {
  cudaError_t code = cudaSuccess;
  std::string detail;
};
thread_local LastError last_error;

struct Memory {
  std::map<void*, std::size_t> blocks;
  std::size_t limit = std::size_t{8} << 30, used = 0;
  std::uint64_t allocations = 0;
};

Memory& memory() {
  static auto& only = *new Memory;
  return only;
}

constexpr std::size_t alignment = 256;
int multiprocessors = 1;
std::size_t shared_bytes = max_shared_bytes;

// The one device can be hidden, as real ones are, to run the CPU's code under the sanitizers. A GPU
// that somebody chose by number hides nothing here.
bool visible() {
  const char* devices = std::getenv("CUDA_VISIBLE_DEVICES");
  return devices == nullptr || (*devices != '\0' && *devices != '-');
}

}  // namespace

cudaError_t fail(cudaError_t code, std::string detail) {
  last_error = {code, std::move(detail)};
  return code;
}

void set_memory_limit(std::size_t bytes) {
  const std::scoped_lock lock(emulator_lock());
  memory().limit = bytes;
}

void set_multiprocessors(int count) {
  const std::scoped_lock lock(emulator_lock());
  multiprocessors = count;
}

void set_shared_memory(std::size_t bytes) {
  const std::scoped_lock lock(emulator_lock());
  shared_bytes = std::min(bytes, max_shared_bytes);
}

std::size_t shared_bytes_of_block() { return shared_bytes; }

std::uint64_t device_allocations() {
  const std::scoped_lock lock(emulator_lock());
  return memory().allocations;
}

void mark_extent(cudaStream_t stream, void* block, std::size_t bytes, std::size_t capacity) {
  const std::scoped_lock lock(emulator_lock());
  queues().push(stream, [=] {
    unpoison(block, capacity);
    std::memset(block, 0xff, bytes);
    poison(static_cast<std::byte*>(block) + bytes, capacity - bytes);
  });
}

}  // namespace ganymede::simt

using namespace ganymede::simt;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    case cudaErrorStreamCaptureUnsupported:
      return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorStreamCaptureInvalidated:
      return "cudaErrorStreamCaptureInvalidated";
    case cudaErrorStreamCaptureIsolation:
      return "cudaErrorStreamCaptureIsolation";
    case cudaErrorStreamCaptureWrongThread:
      return "cudaErrorStreamCaptureWrongThread";
    case cudaErrorCapturedEvent:
      return "cudaErrorCapturedEvent";
    default:
      return "unknown error";
  }
}

const char* cudaGetErrorString(cudaError_t error) {
  if (error != last_error.code || last_error.detail.empty()) return cudaGetErrorName(error);
  return last_error.detail.c_str();
}

cudaError_t cudaGetLastError() { return std::exchange(last_error.code, cudaSuccess); }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = visible() ? 1 : 0;
  return visible() ? cudaSuccess
                   : fail(cudaErrorNoDevice, "CUDA_VISIBLE_DEVICES hides the emulator's device");
}

cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : fail(cudaErrorInvalidDevice, "the emulator has one device");
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {"emulated device",
                 memory().limit,
                 shared_bytes,
                 shared_bytes_of_multiprocessor,
                 reserved_shared_bytes,
                 9,
                 0,
                 multiprocessors};
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::scoped_lock lock(emulator_lock());
  *total = memory().limit;
  *free = memory().limit - std::min(memory().limit, memory().used);
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** out, std::size_t bytes) {
  return guarded([&] {
    if (const cudaError_t error = check_not_capturing("cudaMalloc")) return error;
    *out = nullptr;
    if (memory().used + bytes > memory().limit || posix_memalign(out, alignment, bytes) != 0) {
      return fail(cudaErrorMemoryAllocation, "out of device memory");
    }
    std::memset(*out, 0xff, bytes);
    memory().blocks[*out] = bytes;
    memory().used += bytes;
    ++memory().allocations;
    return cudaSuccess;
  });
}

// Pinned memory: the host's, with NaN bytes.
cudaError_t cudaHostAlloc(void** out, std::size_t bytes, unsigned) {
  return guarded([&] {
    if (const cudaError_t error = check_not_capturing("cudaHostAlloc")) return error;
    *out = std::malloc(bytes);
    if (*out == nullptr) return fail(cudaErrorMemoryAllocation, "out of host memory");
    std::memset(*out, 0xff, bytes);
    return cudaSuccess;
  });
}

// Waits for nothing: a copy that is still to run then reads freed memory, which the address
// sanitizer sees.
cudaError_t cudaFreeHost(void* block) {
  return guarded([&] {
    if (const cudaError_t error = check_not_capturing("cudaFreeHost")) return error;
    std::free(block);
    return cudaSuccess;
  });
}

// As on a device, freeing waits for everything first.
cudaError_t cudaFree(void* block) {
  return guarded([&] {
    if (block == nullptr) return cudaSuccess;
    if (const cudaError_t error = check_not_capturing("cudaFree")) return error;
    queues().run_all();
    const auto known = memory().blocks.find(block);
    if (known == memory().blocks.end()) {
      return fail(cudaErrorInvalidValue, "cudaFree: not a pointer from cudaMalloc, or freed twice");
    }
    memory().used -= known->second;
    ganymede::unpoison(block, known->second);
    memory().blocks.erase(known);
    std::free(block);
    return cudaSuccess;
  });
}
