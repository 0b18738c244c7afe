#include <ganymede/kernels/staging.h>

#include <cstring>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/runtime.h>

namespace ganymede::kernels {

namespace runtime = cuda::runtime;

Staging::~Staging() {
  if constexpr (has_cuda) {
    for (void* event : copied_) {
      if (event == nullptr) continue;
      try {
        runtime::synchronize_event(event);
      } catch (const Error&) {
        // A device that failed copies nothing any more.
      }
      runtime::destroy_event(event);
    }
    if (memory_ != nullptr) runtime::release_host(memory_);
  }
}

void Staging::upload([[maybe_unused]] void* stream, [[maybe_unused]] void* device,
                     [[maybe_unused]] const void* host, [[maybe_unused]] std::size_t bytes) {
  if constexpr (has_cuda) {
    if (bytes == 0) return;
    if (memory_ == nullptr)
      memory_ = static_cast<char*>(runtime::allocate_host(device_, slots * slot_bytes));
    void*& copied = copied_[next_];
    if (copied != nullptr)
      runtime::synchronize_event(copied);
    else
      copied = runtime::create_event(device_);
    char* slot = memory_ + next_ * slot_bytes;
    std::memcpy(slot, host, bytes);
    runtime::copy_to_device(stream, device, slot, bytes);
    runtime::record(copied, stream);
    next_ = (next_ + 1) % slots;
  }
}

}  // namespace ganymede::kernels
