#include <ganymede/kernels/cpu/workspace.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/sanitizer.h>

#include <algorithm>
#include <vector>

namespace ganymede::kernels::cpu {
namespace {

/// A thread's piece, cut into places in the order in which they are taken. Places beyond its end
/// have a block of their own until none is taken and the piece can grow to all that was needed at
/// once.
class Piece {
 public:
  /// The place's index.
  std::size_t take(Stream& stream, std::size_t bytes) {
    if (places_.empty() && wanted_ > capacity_) grow(stream);
    const std::size_t begin = places_.empty() ? 0 : places_.back().end;
    // At least a line apart: the sanitizer sees who writes past an end.
    const std::size_t end = begin + (bytes / line + 2) * line;
    places_.push_back({begin, end, true});
    if (end <= capacity_) unpoison(at(begin), bytes);
    return places_.size() - 1;
  }
  /// null where the place is beyond the end
  std::byte* memory(std::size_t place) const {
    return places_[place].end <= capacity_ ? at(places_[place].begin) : nullptr;
  }
  /// The place is used: next time the piece is to have it.
  void keep(std::size_t place) { wanted_ = std::max(wanted_, places_[place].end); }
  void give_back(std::size_t place) {
    const auto [begin, end, taken] = places_[place];
    if (end <= capacity_) poison(at(begin), end - begin);
    places_[place].taken = false;
    while (!places_.empty() && !places_.back().taken) places_.pop_back();
  }

  ~Piece() {
    if (capacity_ > 0) unpoison(block_.data(), capacity_);
  }

 private:
  static constexpr std::size_t line = 64;
  struct Place {
    std::size_t begin, end;
    bool taken;
  };

  std::byte* at(std::size_t offset) const {
    return static_cast<std::byte*>(block_.data()) + offset;
  }

  // Without the memory for all in one piece, blocks of their own may still do.
  void grow(Stream& stream) {
    if (capacity_ > 0) unpoison(block_.data(), capacity_);
    block_ = Block();
    capacity_ = 0;
    try {
      block_ = Pool::of(stream.device())->allocate(stream, wanted_);
    } catch (const DeviceError&) {
      wanted_ = 0;
      return;
    }
    capacity_ = wanted_;
    poison(block_.data(), capacity_);
  }

  Block block_;
  std::size_t capacity_ = 0, wanted_ = 0;
  std::vector<Place> places_;
};

thread_local Piece piece;

}  // namespace

Workspace::Workspace(Stream& stream, std::size_t bytes) {
  if (PoolScope::active(stream.device())) {
    own_ = allocate(stream, bytes);
    data_ = own_.data();
    return;
  }
  place_ = piece.take(stream, bytes);
  data_ = piece.memory(place_);
  try {
    if (!data_) {
      own_ = allocate(stream, bytes);
      data_ = own_.data();
    }
  } catch (...) {
    piece.give_back(place_);
    throw;
  }
  piece.keep(place_);
}

Workspace::~Workspace() {
  if (place_ != no_place) piece.give_back(place_);
}

}  // namespace ganymede::kernels::cpu
