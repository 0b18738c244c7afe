#include <cxxabi.h>

#include <algorithm>
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

void set(const void* kernel, cudaFuncAttribute attribute, std::size_t value, dim3 block,
         std::size_t bytes) {
  const cudaError_t error = cudaFuncSetAttribute(kernel, attribute, static_cast<int>(value));
  if (error != cudaSuccess) launch_failed(error, kernel, 0, block, bytes);
}

int blocks_at_once(const void* kernel, dim3 block, std::size_t bytes) {
  int blocks = 0;
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
            &blocks, kernel, static_cast<int>(block.x * block.y * block.z), bytes),
        "blocks of a multiprocessor");
  return blocks;
}

/// What as many blocks as fit leave of a multiprocessor's shared memory stays its first-level
/// cache: the driver would have to guess. It rounds percents up to what the device can have, so
/// that a percent too much may cost a whole step; where one too little costs a block, that step is
/// meant.
void ask_for_carveout(const StreamState& s, const void* kernel, dim3 block, std::size_t bytes) {
  const int blocks = blocks_at_once(kernel, block, bytes);
  const std::size_t wanted = static_cast<std::size_t>(blocks) * (bytes + s.reserved_shared_memory);
  const auto ask = [&](std::size_t percent) {
    set(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, std::min<std::size_t>(percent, 100),
        block, bytes);
  };
  ask(100 * wanted / s.shared_memory_of_all);
  if (blocks_at_once(kernel, block, bytes) < blocks)
    ask(ceil_div(100 * wanted, s.shared_memory_of_all));
}

// Attributes hold for the process: they are set once for each kernel, device and growth.
void give_shared_memory(Stream& stream, const void* kernel, dim3 block, std::size_t bytes) {
  static std::mutex mutex;
  static std::map<std::pair<int, const void*>, std::size_t> given;
  const std::scoped_lock lock(mutex);
  std::size_t& so_far = given[{stream.device().index, kernel}];
  if (bytes <= so_far) return;
  if (bytes > shared_without_asking)
    set(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes, block, bytes);
  ask_for_carveout(*state_of(stream), kernel, block, bytes);
  so_far = bytes;
}

}  // namespace

void prepare_launch(Stream& stream, const void* kernel, dim3 block, std::size_t shared_bytes) {
  constexpr std::size_t much = 16 * 1024;  // enough to press on the first-level cache
  const int device = stream.device().index;
  int current = 0;
  check(cudaGetDevice(&current), "launch");
  if (current != device) check(cudaSetDevice(device), "launch");
  if (shared_bytes > much) give_shared_memory(stream, kernel, block, shared_bytes);
}

void launch_failed(cudaError_t error, const void* kernel, dim3 grid, dim3 block,
                   std::size_t shared_bytes) {
  const std::string reason = cudaGetErrorString(error);
  cudaGetLastError();
  const bool refused = error == cudaErrorInvalidConfiguration || error == cudaErrorInvalidValue ||
                       error == cudaErrorLaunchOutOfResources;
  throw DeviceError(
      "launch of " + readable_name(kernel) + ", grid " + text(grid) + ", block " + text(block) +
      ", " + std::to_string(shared_bytes) + " bytes of shared memory: " + reason +
      (refused ? " (limits: 1024 threads, grid y and z 65535, 99 to 227 KiB of shared memory)"
               : " (it may be an earlier kernel that failed: CUDA_LAUNCH_BLOCKING=1 or "
                 "compute-sanitizer tells which)"));
}

}  // namespace detail
}  // namespace ganymede::kernels::cuda
