#include <cstring>

#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {
namespace {

constexpr std::size_t guard_bytes = 4096;
struct alignas(1024) Buffer {
  std::byte bytes[max_shared_bytes + guard_bytes];
  std::size_t accessible = sizeof bytes;
};
Buffer buffers[max_cluster];

}  // namespace

void poison_shared_memory(unsigned rank, std::size_t bytes) {
  Buffer& mine = buffers[rank];
  if (bytes != mine.accessible) {
    unpoison(mine.bytes, bytes);
    poison(mine.bytes + bytes, sizeof mine.bytes - bytes);
    mine.accessible = bytes;
  }
  std::memset(mine.bytes, 0xff, bytes);
}

void* shared_memory_buffer(unsigned rank) { return buffers[rank].bytes; }

}  // namespace ganymede::simt
