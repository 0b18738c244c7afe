// The twin of cp.async: a copy lands at its wait and not before, so that a missing wait shows.

#include <cstdint>
#include <cstring>

#include <fmt/core.h>

#include <ganymede/kernels/simt/order.h>
#include <ganymede/kernels/simt/scheduler.h>

namespace ganymede::simt {
namespace {

void land(const AsyncCopy& copy) {
  if (copy.valid_bytes > 0) std::memcpy(copy.to, copy.from, copy.valid_bytes);
  std::memset(static_cast<std::byte*>(copy.to) + copy.valid_bytes, 0,
              copy.bytes - copy.valid_bytes);
  cluster().note_write(copy.to);
}

}  // namespace

void async_copy(void* to, const void* from, unsigned bytes, unsigned valid_bytes) {
  const auto bits = reinterpret_cast<std::uintptr_t>(to) |
                    (valid_bytes == 0 ? 0 : reinterpret_cast<std::uintptr_t>(from));
  if (bits % bytes != 0) {
    throw Fault(
        fmt::format("{}: an asynchronous copy of {} bytes between addresses that are not "
                    "aligned to them",
                    cluster().place(), bytes));
  }
  const AsyncCopy copy{to, from, bytes, valid_bytes, cluster().self().group};
  // A device may also land it at once: that shows buffers which others still read.
  if (turns().order == LaneOrder::shuffled && turns().coin()) return land(copy);
  cluster().self().copies.push_back(copy);
}

void async_commit() { ++cluster().self().group; }

void async_wait(int pending_groups) {
  Lane& lane = cluster().self();
  std::size_t landed = 0;
  for (; landed < lane.copies.size(); ++landed) {
    if (lane.copies[landed].group >= lane.group - pending_groups) break;
    land(lane.copies[landed]);
  }
  lane.copies.erase(lane.copies.begin(), lane.copies.begin() + static_cast<std::ptrdiff_t>(landed));
}

}  // namespace ganymede::simt
