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

// An event behind what each other stream has queued so far.
void Pool::State::mark_users(Slot* slot) {
  for (const auto& user : std::exchange(slot->users, {})) {
    const std::scoped_lock lock(user->mutex);
    try {
      if (auto event = kernels::mark(*user)) slot->events.push_back(std::move(event));
    } catch (const DeviceError&) {
      // A device that can record no event runs nothing either; the next call on it says so.
    }
  }
}

void Pool::State::put_back(Slot* slot) {
  stats.bytes_in_use -= slot->size.bytes;
  mark_users(slot);
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
  Pool::State& state = *pool_->state_;
  const std::scoped_lock lock(state.mutex);
  if (!slot_->owner || !state.keep_for_capture(*pool_, slot_)) state.put_back(slot_);
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
