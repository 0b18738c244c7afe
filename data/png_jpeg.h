#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/data/image.h>

namespace ganymede {

/// Larger pictures are refused before anything is allocated: no medical slice or photograph is.
inline constexpr int max_image_side = 16384;
inline constexpr std::int64_t max_image_pixels = 100'000'000;

/// What the header says, after a check that the file is whole.
struct ImageHeader {
  int height, width, channels, bits;
};

/// Reads a PNG or JPEG as stored: 1 to 4 channels, 8 or 16 bits (a palette is expanded). The
/// structure is checked to its end (PNG checksums, IEND; JPEG's end marker) before decoding. Throws
/// FileError (missing, unreadable) or FormatError (not an image, truncated, damaged, too large),
/// each with the file and the mend.
Image read_image(const std::string& path);
/// The same checks without decoding the pixels.
ImageHeader read_image_header(const std::string& path);
/// True for names that end in .png, .jpg or .jpeg in any case.
bool has_image_name(const std::string& path);

/// 8 or 16 bits, 1 to 4 channels; the same image gives the same bytes. Written atomically; throws
/// FileError.
void write_png(const std::string& path, const Image& image);
/// The bytes that write_png writes, for embedding in a page.
std::vector<std::uint8_t> encode_png(const Image& image);

/// A baseline JPEG of `quality` 1 to 100: what is read back is near the image, not equal to it.
/// Written atomically. Throws ShapeError unless it has 8 bits and 3 channels, SettingError for
/// another quality, FileError.
void write_jpeg(const std::string& path, const Image& image, int quality = 95);
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality = 95);

}  // namespace ganymede
