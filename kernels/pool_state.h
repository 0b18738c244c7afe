#pragma once
// The insides of Pool and Block, for the files that implement them.

#include <array>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/stream_state.h>
#include <ganymede/kernels/system_memory.h>

namespace ganymede {

struct Block::Slot {
  void* data = nullptr;
  kernels::SizeClass size;
  std::shared_ptr<kernels::StreamState> owner;  ///< null on the CPU, where work is done at once
  std::vector<std::shared_ptr<kernels::StreamState>>
      users;                                  ///< other streams that may still touch it
  std::vector<std::shared_ptr<void>> events;  ///< to wait for before the next use
};

struct Pool::State {
  using Slot = Block::Slot;
  struct Shelf {
    std::shared_ptr<kernels::StreamState> owner;
    std::array<std::vector<Slot*>, kernels::size_class_count> free;
  };

  Device device;
  bool shared = false;  ///< the device's common pool, not a captured graph's own
  mutable std::mutex mutex;
  PoolStats stats;
  std::unordered_map<std::uint64_t, Shelf> shelves;

  Shelf& shelf_of(const std::shared_ptr<kernels::StreamState>& owner) {
    Shelf& shelf = shelves[owner ? owner->id : 0];
    shelf.owner = owner;
    return shelf;
  }

  Slot* find(Stream& stream, const std::shared_ptr<kernels::StreamState>& state,
             kernels::SizeClass size);
  Slot* from_shelf(Shelf& shelf, Stream& stream, int size_index);
  Slot* from_system(const std::shared_ptr<kernels::StreamState>& state, kernels::SizeClass size);
  Slot* from_other_stream(Stream& stream, const std::shared_ptr<kernels::StreamState>& state,
                          int size_index);
  void adopt_retired(const std::shared_ptr<kernels::StreamState>& state);
  bool keep_for_capture(Pool& pool, Slot* slot, kernels::StreamState& stream);
  void let_go(Pool& pool, Slot* slot);
  void put_back(Slot* slot);
  void trim();
};

namespace kernels {

/// Sanitized builds see what is used before it is written or after it was returned: `bytes` of the
/// block become accessible and hold NaN bytes, the rest is an error to touch. On CUDA this happens
/// in the order of stream `native`, and only under the emulator.
void mark_extent(Device device, void* native, void* data, std::size_t bytes, std::size_t capacity);

}  // namespace kernels
}  // namespace ganymede
