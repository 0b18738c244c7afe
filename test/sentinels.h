#pragma once

#include <cstring>
#include <string>
#include <vector>

#include <ganymede/kernels/dtype.h>
#include <ganymede/kernels/memory.h>

namespace ganymede::test {

/// Buffers for a kernel under test, each between two guard zones. Outputs start as a canary, so
/// that what the kernel leaves out shows too. Inputs must come back unchanged.
class Sentinels {
 public:
  explicit Sentinels(std::string where);
  /// Fails the test where a guard or an input was written to.
  ~Sentinels();
  Sentinels(const Sentinels&) = delete;
  Sentinels& operator=(const Sentinels&) = delete;

  template <class T>
  const T* input(const std::vector<T>& values) {
    return static_cast<const T*>(add(values.data(), values.size() * sizeof(T), true));
  }
  /// Read and written: starts as `values`.
  template <class T>
  T* state(const std::vector<T>& values) {
    return static_cast<T*>(add(values.data(), values.size() * sizeof(T), false));
  }
  template <class T = float>
  T* output(std::int64_t count) {
    return static_cast<T*>(add(nullptr, static_cast<std::size_t>(count) * sizeof(T), false));
  }
  /// The whole of a buffer, by the address that made it.
  template <class T>
  std::vector<T> read(const T* address) {
    const std::vector<std::byte> bytes = read_bytes(address);
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  /// Whether a 32-bit element still is the canary.
  static bool untouched(float value);

 private:
  struct Buffer {
    Block block;
    std::size_t bytes;
    std::vector<std::byte> image;  ///< guards and content as first written
    bool read_only;
    std::byte* payload() const;
  };
  void* add(const void* values, std::size_t bytes, bool read_only);
  std::vector<std::byte> read_bytes(const void* address);
  static std::vector<std::byte> host_copy(const Buffer& buffer);
  void check(const Buffer& buffer, std::size_t number);

  std::string where_;
  std::vector<Buffer> buffers_;
};

}  // namespace ganymede::test
