#pragma once
// Pinned host memory through which a stream's small uploads go, so that the host need not wait for
// them. CUDA streams only; internal to this floor.

#include <array>
#include <cstddef>

namespace ganymede::kernels {

/// A ring of slots. One is written again when its copy is done, which only a host that is `slots`
/// uploads ahead of the device has to wait for.
class Staging {
 public:
  static constexpr std::size_t slots = 32, slot_bytes = 16384;

  explicit Staging(int device) : device_(device) {}
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// At most `slot_bytes`, in the stream's order; `host` may go away at once.
  void upload(void* stream, void* device, const void* host, std::size_t bytes);

 private:
  int device_;
  char* memory_ = nullptr;             ///< since the first upload
  std::array<void*, slots> copied_{};  ///< events behind each slot's latest copy
  std::size_t next_ = 0;
};

}  // namespace ganymede::kernels
