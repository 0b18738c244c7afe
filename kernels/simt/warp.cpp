// Warp operations: the last lane of the mask to arrive computes the results for all.

#include <cstring>

#include <fmt/core.h>

#include <ganymede/kernels/simt/scheduler.h>

namespace ganymede::simt {

void Cluster::warp_operation(unsigned mask, WarpOperation* operation) {
  Lane& lane = self();
  Warp& mine = warp();
  const unsigned bit = 1u << current_ % 32, named = mask & mine.exist;
  if ((mask & bit) == 0) {
    throw Fault(
        fmt::format("{}: a warp operation with mask {:#010x}, which does not name the "
                    "calling lane {}",
                    place(), mask, current_ % 32));
  }
  if ((named & mine.done) != 0) {
    throw Fault(
        fmt::format("{}: divergent warp operation: mask {:#010x} names lanes that have "
                    "already left the kernel ({:#010x})",
                    place(), mask, named & mine.done));
  }
  lane.mask = mask;
  lane.operation = operation;
  mine.waiting |= bit;
  const int first = current_ / 32 * 32;
  bool together = (mine.waiting & named) == named;
  for (int l = 0; l < 32 && together; ++l) {
    if ((named >> l & 1) == 0) continue;
    const Lane& other = lanes_[first + l];
    if (other.mask == mask && other.operation != operation) {
      throw Fault(
          fmt::format("{}: divergent warp operation: lane {} is at another one with the "
                      "same mask {:#010x}",
                      place(), l, mask));
    }
    together = other.mask == mask;
  }
  if (!together) {
    lane.state = LaneState::at_warp;
    return wait();
  }
  operation(mine.slots, named);
  mine.waiting &= ~named;
  for (int l = 0; l < 32; ++l) {
    if ((named >> l & 1) != 0) lanes_[first + l].state = LaneState::ready;
  }
}

void shuffle(WarpSlot* warp, unsigned mask) {
  for (int l = 0; l < 32; ++l) {
    if ((mask >> l & 1) == 0) continue;
    const int source = warp[l].source;
    const bool present = source >= 0 && source < 32 && (mask >> source & 1) != 0;
    // The device leaves the value of an absent lane undefined.
    if (present) std::memcpy(warp[l].out, warp[source].in, 8);
    if (!present) std::memset(warp[l].out, 0xff, 8);
  }
}

void ballot(WarpSlot* warp, unsigned mask) {
  unsigned votes = 0;
  for (int l = 0; l < 32; ++l) {
    if ((mask >> l & 1) != 0 && warp[l].in[0] != std::byte{0}) votes |= 1u << l;
  }
  for (int l = 0; l < 32; ++l) {
    if ((mask >> l & 1) != 0) std::memcpy(warp[l].out, &votes, sizeof votes);
  }
}

void meet(WarpSlot*, unsigned) {}

unsigned ballot_of(unsigned mask, bool predicate) {
  WarpSlot& slot = warp_slot();
  slot.in[0] = std::byte{predicate};
  warp_operation(mask, ballot);
  unsigned votes = 0;
  std::memcpy(&votes, slot.out, sizeof votes);
  return votes;
}

WarpSlot& warp_slot() { return cluster().warp().slots[cluster().current() % 32]; }
int lane_in_warp() { return cluster().current() % 32; }
void warp_operation(unsigned mask, WarpOperation* op) { cluster().warp_operation(mask, op); }

}  // namespace ganymede::simt
