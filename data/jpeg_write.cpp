#include <array>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
// The file defines writers of every format; only one is wanted.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>
#pragma GCC diagnostic pop

#include <fmt/core.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  if (image.empty() || image.bits() != 8 || image.channels() != 3)
    throw ShapeError(fmt::format("encode_jpeg: the image has {}; it writes 8 bits and 3 channels",
                                 describe(image)));
  if (quality < 1 || quality > 100)
    throw SettingError(fmt::format("encode_jpeg: quality {} is not within 1 to 100", quality));
  std::vector<std::uint8_t> out;
  const auto append = [](void* bytes, void* data, int size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    auto& all = *static_cast<std::vector<std::uint8_t>*>(bytes);
    all.insert(all.end(), first, first + size);
  };
  if (!stbi_write_jpg_to_func(append, &out, image.width(), image.height(), image.channels(),
                              image.bytes().data(), quality))
    throw FormatError("encode_jpeg: the picture could not be compressed");
  return out;
}

void write_jpeg(const std::string& path, const Image& image, int quality) {
  const std::vector<std::uint8_t> bytes = encode_jpeg(image, quality);
  replace_file(path, std::as_bytes(std::span(bytes)));
}

}  // namespace ganymede
