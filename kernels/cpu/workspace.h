#pragma once
// Scratch memory of kernel calls.

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ganymede/kernels/memory.h>

namespace ganymede::kernels::cpu {

/// Scratch memory of one kernel call: uninitialised, 64-byte aligned. All calls on a thread take
/// theirs from one piece of memory, the last taken first given back, so that what one call wrote is
/// still in the caches when the next one writes over it. Blocks of the pool, each of its size
/// class, were not: training steps took 3 to 6 % longer. In a PoolScope it does come from the pool,
/// so that what is measured or kept there is all that the calls need.
class Workspace {
 public:
  Workspace() = default;
  Workspace(Stream& stream, std::size_t bytes);
  ~Workspace();
  Workspace(Workspace&& other) noexcept { swap(other); }
  Workspace& operator=(Workspace&& other) noexcept {
    swap(other);
    return *this;
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  void* data() const { return data_; }

 private:
  void swap(Workspace& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(place_, other.place_);
    std::swap(own_, other.own_);
  }

  static constexpr auto no_place = static_cast<std::size_t>(-1);

  void* data_ = nullptr;
  std::size_t place_ = no_place;  ///< in the thread's piece
  Block own_;                     ///< where that has no room
};

/// For so many f32.
inline Workspace workspace(Stream& stream, std::int64_t elements) {
  return {stream, static_cast<std::size_t>(elements) * sizeof(float)};
}

}  // namespace ganymede::kernels::cpu
