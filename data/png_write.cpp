#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/png_parts.h>
#include <ganymede/kernels/file.h>

namespace ganymede {

std::vector<std::uint8_t> encode_png(const Image& image) { return png::encode(image, 6); }

void write_png(const std::string& path, const Image& image) {
  const png::Bytes bytes = encode_png(image);
  replace_file(path, std::as_bytes(std::span(bytes)));
}

}  // namespace ganymede
