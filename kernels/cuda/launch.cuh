#pragma once
// How a kernel is launched, and how it names its shared memory and its share of the work.

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <ganymede/kernels/stream.h>
#include <ganymede/kernels/cuda/primitives.cuh>

namespace ganymede::kernels::cuda {

template <class T>
__host__ __device__ constexpr T ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

/// Blocks for a grid-stride loop over `count` elements: enough to fill any device, never more than
/// `most`, at least one.
constexpr unsigned grid_for(std::int64_t count, unsigned threads, unsigned most = 4096) {
  const std::int64_t blocks = ceil_div<std::int64_t>(count, threads);
  return blocks < 1 ? 1u : blocks > most ? most : static_cast<unsigned>(blocks);
}

/// First element and stride of this thread in a grid-stride loop over a one-dimensional grid:
///   for (std::int64_t i = grid_first(); i < count; i += grid_stride())
__device__ inline std::int64_t grid_first() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ inline std::int64_t grid_stride() {
  return static_cast<std::int64_t>(gridDim.x) * blockDim.x;
}

/// The kernel's dynamic shared memory as its one `struct Shared`; launch it with sizeof(Shared).
/// Static shared memory is banned: the emulator could neither poison nor bound it.
template <class Shared>
__device__ inline Shared& shared_memory() {
  static_assert(std::is_trivially_default_constructible_v<Shared>, "no constructor runs for it");
  static_assert(std::is_trivially_destructible_v<Shared>, "no destructor runs for it");
  note_shared_bytes<sizeof(Shared)>();
#if defined(GANYMEDE_SIMT)
  return *static_cast<Shared*>(simt::shared_memory(sizeof(Shared)));
#else
  extern __shared__ __align__(1024) unsigned char ganymede_shared_bytes[];
  return *reinterpret_cast<Shared*>(ganymede_shared_bytes);
#endif
}

namespace detail {
/// Makes the stream's device current and gives the kernel its shared memory.
void prepare_launch(Stream& stream, const void* kernel, dim3 block, std::size_t shared_bytes);
[[noreturn]] void launch_failed(cudaError_t error, const void* kernel, dim3 grid, dim3 block,
                                std::size_t shared_bytes);
}  // namespace detail

/// Whether the stream's device runs clusters of blocks (sm_90 and newer) with so much shared memory
/// each: 227 KiB at most on a server's card, 99 on others.
bool has_clusters(Stream&, std::size_t shared_bytes = 0);

/// As launch(), in clusters of `cluster` blocks, which divides the grid: they run at the same time
/// and read each other's shared memory. Devices before sm_90 take clusters of one alone.
template <class... Params, class... Args>
void launch_clusters(Stream& stream, dim3 cluster, dim3 grid, dim3 block, std::size_t shared_bytes,
                     void (*kernel)(Params...), Args&&... args) {
  static_assert(sizeof...(Params) == sizeof...(Args),
                "as many arguments as the kernel has parameters");
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
  const void* function = reinterpret_cast<const void*>(kernel);
  detail::prepare_launch(stream, function, block, shared_bytes);
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = static_cast<cudaStream_t>(stream.native());
  cudaLaunchAttribute attribute{};
  if (cluster.x * cluster.y * cluster.z > 1) {
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim.x = cluster.x;
    attribute.val.clusterDim.y = cluster.y;
    attribute.val.clusterDim.z = cluster.z;
    config.attrs = &attribute;
    config.numAttrs = 1;
  }
  const cudaError_t error = cudaLaunchKernelEx(&config, kernel, static_cast<Params>(args)...);
  if (error != cudaSuccess) detail::launch_failed(error, function, grid, block, shared_bytes);
}

/// Queues `kernel<<<grid, block, shared_bytes>>>(args...)` on the stream. Arguments are converted
/// to the kernel's parameter types and copied now. An empty grid is a no-op, so that callers need
/// not treat empty tensors apart. Throws DeviceError naming the kernel, the configuration and the
/// limits.
template <class... Params, class... Args>
void launch(Stream& stream, dim3 grid, dim3 block, std::size_t shared_bytes,
            void (*kernel)(Params...), Args&&... args) {
  launch_clusters(stream, dim3(1, 1, 1), grid, block, shared_bytes, kernel,
                  std::forward<Args>(args)...);
}

}  // namespace ganymede::kernels::cuda
