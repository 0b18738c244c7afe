// Launches: the limits of a block and a grid are checked here, as the device checks them.

#include <algorithm>
#include <unordered_map>

#include <fmt/core.h>

#include <ganymede/kernels/simt/block.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/simt/launch_counts.h>
#include <ganymede/kernels/simt/queue.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {
namespace {

bool dry_run = false;

std::unordered_map<const void*, std::size_t>& opted_in() {
  static auto& limits = *new std::unordered_map<const void*, std::size_t>;
  return limits;
}

std::unordered_map<const void*, int>& carveouts_asked() {
  static auto& percent = *new std::unordered_map<const void*, int>;
  return percent;
}

std::size_t shared_limit(const void* kernel) {
  const auto known = opted_in().find(kernel);
  return known == opted_in().end() ? default_shared_bytes
                                   : std::min(known->second, shared_bytes_of_block());
}

cudaError_t check_block(dim3 block) {
  const unsigned long long threads = 1ull * block.x * block.y * block.z;
  if (threads == 0 || threads > 1024 || block.x > 1024 || block.y > 1024 || block.z > 64) {
    return fail(
        cudaErrorInvalidConfiguration,
        fmt::format("a block of {} x {} x {} threads; the limits are 1 to 1024 in all, 64 in z",
                    block.x, block.y, block.z));
  }
  return cudaSuccess;
}

cudaError_t check_grid(dim3 grid) {
  const bool empty = grid.x == 0 || grid.y == 0 || grid.z == 0;
  if (empty || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) {
    return fail(
        cudaErrorInvalidConfiguration,
        fmt::format("a grid of {} x {} x {} blocks; the limits are 1 to 2147483647, 65535, 65535",
                    grid.x, grid.y, grid.z));
  }
  return cudaSuccess;
}

dim3 cluster_of(const cudaLaunchConfig_t& config) {
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttribute& attribute = config.attrs[i];
    if (attribute.id != cudaLaunchAttributeClusterDimension) continue;
    return {attribute.val.clusterDim.x, attribute.val.clusterDim.y, attribute.val.clusterDim.z};
  }
  return {};
}

cudaError_t check_cluster(dim3 cluster, dim3 grid, dim3 block) {
  const unsigned blocks = cluster.x * cluster.y * cluster.z;
  const bool divides =
      blocks > 0 && grid.x % cluster.x == 0 && grid.y % cluster.y == 0 && grid.z % cluster.z == 0;
  if (divides && blocks <= max_cluster && (blocks == 1 || block.x * block.y * block.z % 32 == 0))
    return cudaSuccess;
  return fail(
      cudaErrorInvalidConfiguration,
      fmt::format("clusters of {} x {} x {} blocks in a grid of {} x {} x {}; a cluster has "
                  "at most {} blocks of whole warps and divides the grid",
                  cluster.x, cluster.y, cluster.z, grid.x, grid.y, grid.z, max_cluster));
}

cudaError_t check_shared(const void* kernel, std::size_t bytes) {
  if (bytes <= shared_limit(kernel)) return cudaSuccess;
  return fail(cudaErrorInvalidValue,
              fmt::format("{} bytes of shared memory; this kernel may use {}", bytes,
                          shared_limit(kernel)));
}

}  // namespace

void set_dry_run(bool on) {
  const std::scoped_lock lock(emulator_lock());
  dry_run = on;
}

std::map<std::string, int> carveouts() {
  const std::scoped_lock lock(emulator_lock());
  std::map<std::string, int> by_name;
  for (const auto& [kernel, percent] : carveouts_asked()) by_name[kernel_name(kernel)] = percent;
  return by_name;
}

cudaError_t enqueue_kernel(const cudaLaunchConfig_t& config, const void* kernel,
                           std::function<void()> thread) {
  return guarded([&] {
    if (const cudaError_t error = check_block(config.blockDim)) return error;
    if (const cudaError_t error = check_grid(config.gridDim)) return error;
    const dim3 cluster = cluster_of(config);
    if (const cudaError_t error = check_cluster(cluster, config.gridDim, config.blockDim))
      return error;
    if (const cudaError_t error = check_shared(kernel, config.dynamicSmemBytes)) return error;
    if (!queues().knows(config.stream)) {
      return fail(cudaErrorInvalidResourceHandle, "the stream does not exist, or no longer");
    }
    count_kernel(kernel);
    if (dry_run) return cudaSuccess;
    queues().push(
        config.stream,
        [launch = KernelLaunch{config.gridDim, config.blockDim, cluster, config.dynamicSmemBytes,
                               kernel, std::move(thread)}] { run_kernel(launch); });
    return cudaSuccess;
  });
}

}  // namespace ganymede::simt

using namespace ganymede::simt;

cudaError_t cudaFuncGetName(const char** name, const void* kernel) {
  *name = kernel_name(kernel);
  return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  *attributes = {90, 90};
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  return guarded([&] {
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {
      if (value < -1 || value > 100)
        return fail(cudaErrorInvalidValue, fmt::format("a carveout of {} %", value));
      carveouts_asked()[kernel] = value;
      return cudaSuccess;
    }
    const int bytes = value;
    if (bytes < 0 || static_cast<std::size_t>(bytes) > shared_bytes_of_block()) {
      return fail(cudaErrorInvalidValue,
                  fmt::format("{} bytes of shared memory; a block has at most {}", bytes,
                              shared_bytes_of_block()));
    }
    opted_in()[kernel] = static_cast<std::size_t>(bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void*, int threads,
                                                          std::size_t shared_bytes) {
  return guarded([&] {
    *blocks = std::min({32, 2048 / threads,
                        static_cast<int>(shared_bytes_of_multiprocessor /
                                         (shared_bytes + reserved_shared_bytes))});
    return cudaSuccess;
  });
}
