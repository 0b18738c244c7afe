#pragma once
// The one source of order in the emulator: whose turn is next.

#include <cstdint>
#include <numeric>
#include <vector>

#include <ganymede/kernels/simt/control.h>

namespace ganymede::simt {

/// A small generator (splitmix64): the draws must be cheap, fixed by the seed, and nothing more.
class Turns {
 public:
  LaneOrder order = LaneOrder::forward;

  void seed(std::uint64_t value) { state_ = value; }
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  bool coin() { return (next() & 1) != 0; }

  /// The numbers 0 .. n-1 in the order of this moment.
  void arrange(std::vector<int>& turns) {
    const int n = static_cast<int>(turns.size());
    if (order == LaneOrder::shuffled) {
      for (int i = n - 1; i > 0; --i) std::swap(turns[i], turns[below(i + 1)]);
    } else {
      for (int i = 0; i < n; ++i) turns[i] = order == LaneOrder::forward ? i : n - 1 - i;
    }
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 1;
};

Turns& turns();

/// Blocks of a grid in the order of this moment, without a table: shuffled walks with a stride that
/// shares no factor with their number.
class BlockWalk {
 public:
  explicit BlockWalk(std::uint64_t count) : count_(count) {
    if (turns().order == LaneOrder::reverse) offset_ = count - 1, stride_ = count - 1;
    if (turns().order == LaneOrder::shuffled && count > 1) {
      offset_ = turns().below(count);
      do stride_ = 1 + turns().below(count - 1);
      while (std::gcd(stride_, count) != 1);
    }
  }
  std::uint64_t operator[](std::uint64_t i) const { return (offset_ + i * stride_) % count_; }

 private:
  std::uint64_t count_, offset_ = 0, stride_ = 1;
};

}  // namespace ganymede::simt
