#include <ganymede/data/image_structure.h>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/core.h>

namespace ganymede {
namespace {

constexpr std::array<std::uint8_t, 8> png_signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr const char* truncated = "the file is truncated";

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// The position after the entropy-coded data at `at`: that of the next marker's 0xff, or the end.
std::size_t skip_scan(std::span<const std::uint8_t> bytes, std::size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    const std::uint8_t next = bytes[at + 1];
    const bool data = next == 0x00 || next == 0xff || (next >= 0xd0 && next <= 0xd7);
    if (bytes[at] == 0xff && !data) return at;
  }
  return bytes.size();
}

/// What the pixels of a PNG may take, packed badly, four values of 16 bits each: more is made to
/// fill the memory when it is unpacked, up to a thousand times its size.
std::size_t most_packed_bytes(std::span<const std::uint8_t> header) {
  constexpr std::size_t of_a_pixel = 8, overhead = 1 << 16;
  const std::size_t width = big_endian(header), height = big_endian(header.subspan(4));
  const std::size_t raw = (width * of_a_pixel + 1) * height;
  return raw + raw / 64 + overhead;
}

/// Whether the Huffman tables of a DHT segment fit into its length and hold at most the 256 codes
/// that there are: stb writes as many as they say.
bool huffman_tables_fit(std::span<const std::uint8_t> tables) {
  constexpr std::size_t head = 17;  // its number, then how many codes have 1 to 16 bits
  while (!tables.empty()) {
    if (tables.size() < head) return false;
    const auto lengths = tables.subspan(1, head - 1);
    const auto codes = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
    if (codes > 256 || codes > tables.size() - head) return false;
    tables = tables.subspan(head + codes);
  }
  return true;
}

}  // namespace

bool is_png(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 8 && std::equal(png_signature.begin(), png_signature.end(), bytes.begin());
}

bool is_jpeg(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

std::string png_fault(std::span<const std::uint8_t> bytes) {
  std::size_t at = png_signature.size(), packed = 0, most_packed = 0;
  while (at + 12 <= bytes.size()) {
    const std::size_t length = big_endian(bytes.subspan(at));
    if (length > bytes.size() - at - 12) return truncated;
    const auto body = bytes.subspan(at + 4, length + 4);  // the type and the data
    const std::string_view type(reinterpret_cast<const char*>(body.data()), 4);
    if (crc32(0, body.data(), static_cast<uInt>(body.size())) !=
        big_endian(bytes.subspan(at + 8 + length)))
      return fmt::format("the checksum of its {} chunk is wrong",
                         std::all_of(type.begin(), type.end(), [](char c) { return c > ' '; })
                             ? type
                             : "unreadable");
    if (type == "IHDR" && length >= 8) most_packed = most_packed_bytes(body.subspan(4));
    if (type == "IDAT" && (packed += length) > most_packed)
      return "it holds more data than its pixels can be";
    if (type == "IEND") return "";
    at += 12 + length;
  }
  return truncated;
}

std::string jpeg_fault(std::span<const std::uint8_t> bytes) {
  std::size_t at = 2;
  while (at + 4 <= bytes.size() || (at + 2 <= bytes.size() && bytes[at + 1] == 0xd9)) {
    if (bytes[at] != 0xff) return "a marker is missing inside it";
    const std::uint8_t marker = bytes[at + 1];
    if (marker == 0xd9) return "";
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    const std::size_t length = std::size_t{bytes[at + 2]} << 8 | bytes[at + 3];
    if (length < 2 || length > bytes.size() - at - 2) return truncated;
    if (marker == 0xc4 && !huffman_tables_fit(bytes.subspan(at + 4, length - 2)))
      return "a table of its codes is damaged";
    at += 2 + length;
    if (marker == 0xda) at = skip_scan(bytes, at);
  }
  return truncated;
}

}  // namespace ganymede
