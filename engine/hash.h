#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ganymede {

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
class Sha256 {
 public:
  void update(std::span<const std::byte> bytes);
  /// The digest of everything so far, in lower-case hexadecimal (64 characters). Call once, last.
  std::string finish();

 private:
  void pad(std::byte value);
  void compress(const std::byte* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> block_{};
  std::uint64_t length_ = 0;  // bytes so far
};

std::string sha256(std::span<const std::byte> bytes);

/// Digest of a file's contents from byte `begin` on. Throws FileError where it cannot be read.
std::string file_hash(const std::string& path, std::uint64_t begin = 0);

}  // namespace ganymede
