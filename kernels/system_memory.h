#pragma once
// Memory from the system, for the pool: the host's in large pages where that helps, the device's.

#include <cstddef>

#include <ganymede/kernels/stream.h>

namespace ganymede::kernels {

/// Null when there is no more. CPU memory is aligned to 64 bytes, CUDA's to 256.
void* system_allocate(Device device, std::size_t bytes);
void system_release(Device device, void* memory) noexcept;

/// Size classes, four steps to a power of two, so that at most a fifth of a block is unused.
struct SizeClass {
  int index = 0;
  std::size_t bytes = 0;
};
/// The class that holds `bytes`; at least 256. Throws DeviceError beyond 2^60.
SizeClass size_class(std::size_t bytes);
inline constexpr int size_class_count = 4 * 61;

}  // namespace ganymede::kernels
