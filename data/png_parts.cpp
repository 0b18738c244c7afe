// An own PNG writer: stb's writes no 16 bits. zlib does the compression.

#include <ganymede/data/png_parts.h>

#include <zlib.h>

#include <array>
#include <cstdlib>

#include <ganymede/kernels/error.h>

namespace ganymede::png {
namespace {

/// Row y as PNG stores it: 16-bit values big endian.
Bytes row_of(const Image& image, int y) {
  const std::size_t values = std::size_t{1} * image.width() * image.channels();
  Bytes row;
  row.reserve(values * image.bits() / 8);
  for (std::size_t i = y * values; i < (y + 1) * values; ++i) {
    const int value = image.value(i);
    if (image.bits() == 16) row.push_back(static_cast<std::uint8_t>(value >> 8));
    row.push_back(static_cast<std::uint8_t>(value));
  }
  return row;
}

int paeth(int left, int up, int corner) {
  const int guess = left + up - corner;
  const int to_left = std::abs(guess - left), to_up = std::abs(guess - up),
            to_corner = std::abs(guess - corner);
  if (to_left <= to_up && to_left <= to_corner) return left;
  return to_up <= to_corner ? up : corner;
}

/// Filter 0 none, 1 left, 2 up, 3 average, 4 Paeth; `step` is the bytes of a pixel.
Bytes filtered(int filter, const Bytes& row, const Bytes& above, std::size_t step) {
  Bytes out(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = i < step ? 0 : row[i - step], up = above[i],
              corner = i < step ? 0 : above[i - step];
    const std::array<int, 5> guesses{0, left, up, (left + up) / 2, paeth(left, up, corner)};
    out[i] = static_cast<std::uint8_t>(row[i] - guesses[filter]);
  }
  return out;
}

void put_best_row(Bytes& out, const Bytes& row, const Bytes& above, std::size_t step) {
  Bytes best;
  long least = -1;
  int chosen = 0;
  for (int filter = 0; filter < 5; ++filter) {
    Bytes candidate = filtered(filter, row, above, step);
    long sum = 0;
    for (std::uint8_t byte : candidate) sum += std::abs(static_cast<std::int8_t>(byte));
    if (least >= 0 && sum >= least) continue;
    least = sum;
    chosen = filter;
    best = std::move(candidate);
  }
  out.push_back(static_cast<std::uint8_t>(chosen));
  out.insert(out.end(), best.begin(), best.end());
}

Bytes deflated(const Bytes& raw, int level) {
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  Bytes out(size);
  if (compress2(out.data(), &size, raw.data(), static_cast<uLong>(raw.size()), level) != Z_OK)
    throw FormatError("PNG: zlib could not compress the picture");
  out.resize(size);
  return out;
}

}  // namespace

void put_number(Bytes& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(number >> shift));
}

void put_chunk(Bytes& out, const char* type, const Bytes& data) {
  put_number(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t start = out.size();
  out.insert(out.end(), type, type + 4);
  out.insert(out.end(), data.begin(), data.end());
  put_number(out, static_cast<std::uint32_t>(
                      crc32(0, &out[start], static_cast<uInt>(out.size() - start))));
}

void put_short(Bytes& out, std::uint32_t number) {
  out.push_back(static_cast<std::uint8_t>(number >> 8));
  out.push_back(static_cast<std::uint8_t>(number));
}

void put_signature(Bytes& out) {
  out.insert(out.end(), {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
}

Bytes header_of(const Image& image) {
  constexpr std::array<std::uint8_t, 5> colour_types{0, 0, 4, 2, 6};
  Bytes header;
  put_number(header, static_cast<std::uint32_t>(image.width()));
  put_number(header, static_cast<std::uint32_t>(image.height()));
  header.push_back(static_cast<std::uint8_t>(image.bits()));
  header.push_back(colour_types[image.channels()]);
  header.insert(header.end(), {0, 0, 0});  // deflate, adaptive filters, not interlaced
  return header;
}

Bytes data_of(const Image& image, int level) {
  if (image.empty()) throw ShapeError("encode_png: the image is empty");
  const std::size_t step = std::size_t{1} * image.channels() * image.bits() / 8;
  Bytes raw, above(image.width() * step, 0);
  for (int y = 0; y < image.height(); ++y) {
    Bytes row = row_of(image, y);
    put_best_row(raw, row, above, step);
    above = std::move(row);
  }
  return deflated(raw, level);
}

Bytes encode(const Image& image, int level) {
  const Bytes data = data_of(image, level);
  Bytes out;
  put_signature(out);
  put_chunk(out, "IHDR", header_of(image));
  put_chunk(out, "IDAT", data);
  put_chunk(out, "IEND", {});
  return out;
}

}  // namespace ganymede::png
