// The cache behind `allocate`. A freed block lies on the shelf of the stream it belongs to and is
// handed out again in that stream's order, which needs no synchronisation. Whatever crosses streams
// goes through an event.

#include <algorithm>
#include <map>
#include <utility>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pool_state.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/sanitizer.h>

namespace ganymede {

namespace runtime = kernels::cuda::runtime;
using kernels::has_cuda;
using kernels::StreamState;

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

}  // namespace

// ---- taking -----------------------------------------------------------------------------------

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
  kernels::mark_extent(state_->device, stream.native(), slot->data, bytes, size.bytes);
  Block block;
  block.data_ = slot->data;
  block.bytes_ = bytes;
  block.device_ = state_->device;
  block.slot_ = slot;
  block.pool_ = shared_from_this();
  return block;
}

// ---- the pool ---------------------------------------------------------------------------------

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
