// What becomes of a block that its owner lets go.

#include <algorithm>
#include <cstring>
#include <utility>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pool_state.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/sanitizer.h>

namespace ganymede {

using kernels::StreamState;

void kernels::mark_extent(Device device, void* native, void* data, std::size_t bytes,
                          std::size_t capacity) {
  if constexpr (has_cuda) {
    if (device.kind == DeviceKind::cuda)
      return cuda::runtime::mark_extent(native, data, bytes, capacity);
  }
  unpoison(data, bytes);
  if (sanitized) std::memset(data, 0xff, bytes);
  poison(static_cast<std::byte*>(data) + bytes, capacity - bytes);
}

// A graph under capture will touch at every replay what was used in it: the block stays with the
// graph. Only a private pool may reuse it within the same capture, in the stream's order. The
// caller holds the stream's mutex, so that no capture begins meanwhile.
bool Pool::State::keep_for_capture(Pool& pool, Slot* slot, StreamState& stream) {
  if (!stream.capture) return false;
  stream.capture->releases.emplace_back(
      [self = pool.shared_from_this(), slot](const std::shared_ptr<StreamState>& replayed_on) {
        if (replayed_on && replayed_on != slot->owner) slot->users.push_back(replayed_on);
        const std::scoped_lock pool_lock(self->state_->mutex);
        self->state_->let_go(*self, slot);
      });
  return true;
}

// To the graph that will touch it, or to its shelf, behind an event of what each other stream has
// queued so far.
void Pool::State::let_go(Pool& pool, Slot* slot) {
  if (shared && slot->owner) {
    const std::scoped_lock lock(slot->owner->mutex);
    if (keep_for_capture(pool, slot, *slot->owner)) return;
  }
  while (!slot->users.empty()) {
    const std::shared_ptr<StreamState> user = slot->users.back();
    const std::scoped_lock lock(user->mutex);
    if (keep_for_capture(pool, slot, *user)) return;
    slot->users.pop_back();
    try {
      if (auto event = kernels::mark(*user)) slot->events.push_back(std::move(event));
    } catch (const DeviceError&) {
      // A device that can record no event runs nothing either; the next call on it says so.
    }
  }
  put_back(slot);
}

void Pool::State::put_back(Slot* slot) {
  stats.bytes_in_use -= slot->size.bytes;
  if (!slot->owner) {
    kernels::mark_extent(device, nullptr, slot->data, 0, slot->size.bytes);
  } else if (slot->events.empty()) {
    const std::scoped_lock lock(slot->owner->mutex);
    void* native = slot->owner->native;
    if (native) kernels::mark_extent(device, native, slot->data, 0, slot->size.bytes);
  }
  shelf_of(slot->owner).free[slot->size.index].push_back(slot);
}

Block::~Block() {
  if (slot_ == nullptr) return;
  const std::scoped_lock lock(pool_->state_->mutex);
  pool_->state_->let_go(*pool_, slot_);
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
  if (slot_ == nullptr || (slot_->owner && slot_->owner->id == stream.id())) return;
  const auto user = kernels::state_of(stream);
  if (!user) return;
  const std::scoped_lock lock(pool_->state_->mutex);
  auto& users = slot_->users;
  if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
}

}  // namespace ganymede
