#include <cstring>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {
namespace {

constexpr std::size_t guard_bytes = 4096;
alignas(1024) std::byte buffer[max_shared_bytes + guard_bytes];
std::size_t accessible = sizeof buffer;

}  // namespace

void poison_shared_memory(std::size_t bytes) {
  if (bytes != accessible) {
    unpoison(buffer, bytes);
    poison(buffer + bytes, sizeof buffer - bytes);
    accessible = bytes;
  }
  std::memset(buffer, 0xff, bytes);
}

void* shared_memory_buffer() { return buffer; }

}  // namespace ganymede::simt
