#include <ganymede/kernels/system_memory.h>

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/runtime.h>

namespace ganymede::kernels {
namespace {

constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20;

// A large block on large pages spares most misses of the address translation cache.
void* host_allocate(std::size_t bytes) {
  if (bytes < 2 * huge_page) return std::aligned_alloc(cache_line, bytes);
  const std::size_t whole = (bytes + huge_page - 1) / huge_page * huge_page;
  void* memory = std::aligned_alloc(huge_page, whole);
  if (memory != nullptr) madvise(memory, whole, MADV_HUGEPAGE);  // a wish: refusal costs nothing
  return memory;
}

}  // namespace

void* system_allocate(Device device, std::size_t bytes) {
  if constexpr (has_cuda) {
    if (device.kind == DeviceKind::cuda) return cuda::runtime::allocate(device.index, bytes);
  }
  return host_allocate(bytes);
}

void system_release(Device device, void* memory) noexcept {
  if constexpr (has_cuda) {
    if (device.kind == DeviceKind::cuda) return cuda::runtime::release(device.index, memory);
  }
  std::free(memory);
}

SizeClass size_class(std::size_t bytes) {
  if (bytes > std::size_t{1} << 60) {
    throw DeviceError("allocate: " + std::to_string(bytes) + " bytes are more than any device has");
  }
  const std::size_t least = std::max<std::size_t>(bytes, 256);
  // least lies in (low, 2 low]; a step is a quarter of low.
  const int exponent = std::bit_width(least - 1) - 1;
  const std::size_t low = std::size_t{1} << exponent, step = low / 4;
  const std::size_t steps = (least - low + step - 1) / step;
  return {4 * exponent + static_cast<int>(steps), low + steps * step};
}

}  // namespace ganymede::kernels
