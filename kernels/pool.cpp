// The cache behind `allocate`. A freed block lies on the shelf of the stream it belongs to and is
// handed out again in that stream's order, which needs no synchronisation. Whatever crosses streams
// goes through an event.

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/stream_state.h>
#include <ganymede/kernels/system_memory.h>

namespace ganymede {

namespace runtime = kernels::cuda::runtime;
using kernels::has_cuda;
using kernels::StreamState;

struct Block::Slot {
  void* data = nullptr;
  kernels::SizeClass size;
  std::shared_ptr<StreamState> owner;               ///< null on the CPU, where work is done at once
  std::vector<std::shared_ptr<StreamState>> users;  ///< other streams that may still touch it
  std::vector<std::shared_ptr<void>> events;        ///< to wait for before the next use
};

struct Pool::State {
  using Slot = Block::Slot;
  struct Shelf {
    std::shared_ptr<StreamState> owner;
    std::array<std::vector<Slot*>, kernels::size_class_count> free;
  };

  Device device;
  bool shared = false;  ///< the device's common pool, not a captured graph's own
  mutable std::mutex mutex;
  PoolStats stats;
  std::unordered_map<std::uint64_t, Shelf> shelves;

  Shelf& shelf_of(const std::shared_ptr<StreamState>& owner) {
    Shelf& shelf = shelves[owner ? owner->id : 0];
    shelf.owner = owner;
    return shelf;
  }

  Slot* find(Stream& stream, const std::shared_ptr<StreamState>& state, kernels::SizeClass size);
  Slot* from_shelf(Shelf& shelf, Stream& stream, int size_index);
  Slot* from_system(const std::shared_ptr<StreamState>& state, kernels::SizeClass size);
  Slot* from_other_stream(Stream& stream, const std::shared_ptr<StreamState>& state,
                          int size_index);
  void adopt_retired(const std::shared_ptr<StreamState>& state);
  bool keep_for_capture(Pool& pool, Slot* slot);
  void put_back(Slot* slot);
  void trim();
};

namespace {

void wait_for_events(Stream& stream, std::vector<std::shared_ptr<void>>& events) {
  if constexpr (has_cuda) {
    for (const auto& event : events) runtime::wait(stream.native(), event.get());
  }
  events.clear();
}

void drop_finished(std::vector<std::shared_ptr<void>>& events) {
  if constexpr (has_cuda) {
    std::erase_if(events, [](const auto& event) { return runtime::finished(event.get()); });
  }
}

// Sanitized builds see what is used before it is written or after it was returned. On CUDA this
// happens in the stream's order and only under the emulator.
void mark_extent(Device device, void* native, void* data, std::size_t bytes, std::size_t capacity) {
  if constexpr (has_cuda) {
    if (device.kind == DeviceKind::cuda) return runtime::mark_extent(native, data, bytes, capacity);
  }
  unpoison(data, bytes);
  if (sanitized) std::memset(data, 0xff, bytes);
  poison(static_cast<std::byte*>(data) + bytes, capacity - bytes);
}

}  // namespace

// ---- taking
// ---------------------------------------------------------------------------------------

// The newest block that is free to use at once; else the oldest, behind its events. A capture
// cannot wait for an event from outside.
Block::Slot* Pool::State::from_shelf(Shelf& shelf, Stream& stream, int size_index) {
  auto& free = shelf.free[size_index];
  auto found = std::find_if(free.rbegin(), free.rend(), [](Slot* slot) {
    drop_finished(slot->events);
    return slot->events.empty();
  });
  if (found == free.rend() && (free.empty() || stream.capturing())) return nullptr;
  const auto chosen = found == free.rend() ? free.begin() : std::prev(found.base());
  Slot* slot = *chosen;
  free.erase(chosen);
  wait_for_events(stream, slot->events);
  return slot;
}

// Blocks of streams that no longer exist come to this stream, behind the end of the old one.
void Pool::State::adopt_retired(const std::shared_ptr<StreamState>& state) {
  if (!state) return;
  Shelf& mine = shelf_of(state);
  std::erase_if(shelves, [&](const auto& entry) {
    const Shelf& shelf = entry.second;
    const std::scoped_lock lock(shelf.owner->mutex);
    if (shelf.owner->native != nullptr) return false;
    for (int size = 0; size < kernels::size_class_count; ++size) {
      for (Slot* slot : shelf.free[size]) {
        if (shelf.owner->end) slot->events.push_back(shelf.owner->end);
        slot->owner = state;
        mine.free[size].push_back(slot);
      }
    }
    return true;
  });
}

Block::Slot* Pool::State::from_system(const std::shared_ptr<StreamState>& state,
                                      kernels::SizeClass size) {
  void* data = kernels::system_allocate(device, size.bytes);
  if (data == nullptr) return nullptr;
  ++stats.device_allocations;
  stats.bytes_reserved += size.bytes;
  return new Slot{data, size, state, {}, {}};
}

// The last resort before giving up the cache: what another stream has freed, behind its work so
// far. Never from a private pool, whose graphs still write to their free blocks.
Block::Slot* Pool::State::from_other_stream(Stream& stream,
                                            const std::shared_ptr<StreamState>& state,
                                            int size_index) {
  if (!state || !shared || stream.capturing()) return nullptr;
  for (auto& [id, shelf] : shelves) {
    const std::scoped_lock lock(shelf.owner->mutex);
    auto& free = shelf.free[size_index];
    if (id == state->id || free.empty() || shelf.owner->capture) continue;
    Slot* slot = free.back();
    free.pop_back();
    if (auto event = kernels::mark(*shelf.owner)) slot->events.push_back(std::move(event));
    wait_for_events(stream, slot->events);
    slot->owner = state;
    return slot;
  }
  return nullptr;
}

Block::Slot* Pool::State::find(Stream& stream, const std::shared_ptr<StreamState>& state,
                               kernels::SizeClass size) {
  if (Slot* slot = from_shelf(shelf_of(state), stream, size.index)) return slot;
  adopt_retired(state);
  if (Slot* slot = from_shelf(shelf_of(state), stream, size.index)) return slot;
  if (Slot* slot = from_system(state, size)) return slot;
  if (Slot* slot = from_other_stream(stream, state, size.index)) return slot;
  if (stream.capturing()) return nullptr;
  if (shared) trim();
  return from_system(state, size);
}

Block Pool::allocate(Stream& stream, std::size_t bytes) {
  if (stream.device() != state_->device) {
    throw UsageError("allocate: the pool is of " + to_string(state_->device) + ", the stream of " +
                     to_string(stream.device()));
  }
  const kernels::SizeClass size = kernels::size_class(bytes);
  const auto owner = kernels::state_of(stream);
  const std::scoped_lock lock(state_->mutex);
  Block::Slot* slot = state_->find(stream, owner, size);
  PoolStats& stats = state_->stats;
  if (slot == nullptr) {
    throw DeviceError("allocate: " + to_string(state_->device) + " has no " +
                      std::to_string(size.bytes) + " bytes left; " +
                      std::to_string(stats.bytes_in_use) + " are in use, " +
                      std::to_string(stats.bytes_reserved) +
                      " reserved: use a smaller batch or image, or free the device");
  }
  stats.bytes_in_use += size.bytes;
  stats.peak_bytes_in_use = std::max(stats.peak_bytes_in_use, stats.bytes_in_use);
  mark_extent(state_->device, stream.native(), slot->data, bytes, size.bytes);
  Block block;
  block.data_ = slot->data;
  block.bytes_ = bytes;
  block.device_ = state_->device;
  block.slot_ = slot;
  block.pool_ = shared_from_this();
  return block;
}

// ---- giving back
// ------------------------------------------------------------------------------------

// A graph under capture will touch at every replay what was used in it: the block stays with the
// graph. Only a private pool may reuse it within the same capture, in the stream's order.
bool Pool::State::keep_for_capture(Pool& pool, Slot* slot) {
  std::vector<std::shared_ptr<StreamState>> streams = slot->users;
  if (shared) streams.push_back(slot->owner);
  for (const auto& stream : streams) {
    const std::scoped_lock lock(stream->mutex);
    if (!stream->capture) continue;
    stream->capture->releases.emplace_back(
        [self = pool.shared_from_this(), slot](const std::shared_ptr<StreamState>& replayed_on) {
          if (replayed_on && replayed_on != slot->owner) slot->users.push_back(replayed_on);
          const std::scoped_lock pool_lock(self->state_->mutex);
          self->state_->put_back(slot);
        });
    return true;
  }
  return false;
}

void Pool::State::put_back(Slot* slot) {
  stats.bytes_in_use -= slot->size.bytes;
  for (const auto& user : std::exchange(slot->users, {})) {
    const std::scoped_lock lock(user->mutex);
    if (auto event = kernels::mark(*user)) slot->events.push_back(std::move(event));
  }
  void* native = slot->owner ? slot->owner->native : nullptr;
  if (!slot->owner || (native != nullptr && slot->events.empty())) {
    mark_extent(device, native, slot->data, 0, slot->size.bytes);
  }
  shelf_of(slot->owner).free[slot->size.index].push_back(slot);
}

Block::~Block() {
  if (slot_ == nullptr) return;
  Pool::State& state = *pool_->state_;
  const std::scoped_lock lock(state.mutex);
  try {
    if (!slot_->owner || !state.keep_for_capture(*pool_, slot_)) state.put_back(slot_);
  } catch (const Error&) {
    // The device failed: the block is lost with it, and the next call on the stream says so.
  }
}

Block::Block(Block&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      device_(other.device_),
      slot_(std::exchange(other.slot_, nullptr)),
      pool_(std::move(other.pool_)) {}

Block& Block::operator=(Block&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(device_, other.device_);
  std::swap(slot_, other.slot_);
  std::swap(pool_, other.pool_);
  return *this;
}

void Block::used_on(Stream& stream) {
  const auto user = kernels::state_of(stream);
  if (slot_ == nullptr || !user || user == slot_->owner) return;
  const std::scoped_lock lock(pool_->state_->mutex);
  auto& users = slot_->users;
  if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
}

// ---- the pool
// -----------------------------------------------------------------------------------------

// Freeing device memory waits for the device, so pending work needs no further care.
void Pool::State::trim() {
  for (auto& [id, shelf] : shelves) {
    for (auto& free : shelf.free) {
      for (Slot* slot : free) {
        stats.bytes_reserved -= slot->size.bytes;
        if (device.kind == DeviceKind::cpu) unpoison(slot->data, slot->size.bytes);
        kernels::system_release(device, slot->data);
        delete slot;
      }
      free.clear();
    }
  }
}

Pool::Pool(Device device) : state_(std::make_unique<State>()) { state_->device = device; }
Pool::~Pool() { state_->trim(); }

Device Pool::device() const { return state_->device; }

PoolStats Pool::stats() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->stats;
}

void Pool::trim() {
  const std::scoped_lock lock(state_->mutex);
  state_->trim();
}

// Never destroyed: blocks held by other statics return at exit.
std::shared_ptr<Pool> Pool::of(Device device) {
  static auto& mutex = *new std::mutex;
  static auto& pools = *new std::map<std::pair<DeviceKind, int>, std::shared_ptr<Pool>>;
  const std::scoped_lock lock(mutex);
  auto& pool = pools[{device.kind, device.index}];
  if (!pool) {
    pool = std::make_shared<Pool>(device);
    pool->state_->shared = true;
  }
  return pool;
}

}  // namespace ganymede
