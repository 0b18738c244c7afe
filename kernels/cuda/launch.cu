#include <cxxabi.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/stream_state.h>
#include <ganymede/kernels/cuda/check.cuh>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::cuda {

bool has_clusters(Stream& stream, std::size_t shared_bytes) {
  const auto state = state_of(stream);
  return state->hardware.compute_major >= 9 && shared_bytes <= state->shared_memory;
}

namespace detail {
namespace {

constexpr std::size_t shared_without_asking = 48 * 1024;

std::string readable_name(const void* kernel) {
  const char* name = nullptr;
  if (cudaFuncGetName(&name, kernel) != cudaSuccess || name == nullptr) return "kernel";
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> readable(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return status == 0 ? readable.get() : name;
}

std::string text(dim3 size) {
  return "(" + std::to_string(size.x) + ", " + std::to_string(size.y) + ", " +
         std::to_string(size.z) + ")";
}

// The attribute holds for the process: it is set once per kernel, device and growth.
void allow_shared_memory(int device, const void* kernel, std::size_t bytes) {
  static std::mutex mutex;
  static std::map<std::pair<int, const void*>, std::size_t> allowed;
  const std::scoped_lock lock(mutex);
  std::size_t& so_far = allowed[{device, kernel}];
  if (bytes <= so_far) return;
  const cudaError_t error = cudaFuncSetAttribute(
      kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes));
  if (error != cudaSuccess) launch_failed(error, kernel, 0, 0, bytes);
  so_far = bytes;
}

}  // namespace

void prepare_launch(Stream& stream, const void* kernel, std::size_t shared_bytes) {
  const int device = stream.device().index;
  int current = 0;
  check(cudaGetDevice(&current), "launch");
  if (current != device) check(cudaSetDevice(device), "launch");
  if (shared_bytes > shared_without_asking) allow_shared_memory(device, kernel, shared_bytes);
}

void launch_failed(cudaError_t error, const void* kernel, dim3 grid, dim3 block,
                   std::size_t shared_bytes) {
  const std::string reason = cudaGetErrorString(error);
  cudaGetLastError();
  throw DeviceError("launch of " + readable_name(kernel) + ", grid " + text(grid) + ", block " +
                    text(block) + ", " + std::to_string(shared_bytes) +
                    " bytes of shared memory: " + reason +
                    " (limits: 1024 threads, grid y and z 65535, 99 to 227 KiB of shared memory)");
}

}  // namespace detail
}  // namespace ganymede::kernels::cuda
