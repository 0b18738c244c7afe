#include <ganymede/data/png_jpeg.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_FAILURE_USERMSG
#define STBI_MAX_DIMENSIONS 16384
#include <stb_image.h>

#include <fmt/core.h>

#include <ganymede/data/image_structure.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

constexpr const char* mend = "replace the file or delete it";

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw FormatError(fmt::format("{}: {}; {}", path, reason, mend));
}

void check_extents(const std::string& path, std::int64_t height, std::int64_t width) {
  if (height > max_image_side || width > max_image_side || height * width > max_image_pixels)
    throw FormatError(fmt::format(
        "{}: {} x {} pixels, more than the limit of {} a side and {} million in all; shrink it "
        "or delete it",
        path, width, height, max_image_side, max_image_pixels / 1'000'000));
  if (height < 1 || width < 1) refuse(path, "the picture has no pixels");
}

/// A PNG's extents stand at fixed places, so that an absurd header is named before stb sees it.
void check_png_extents(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < 33 || std::memcmp(&bytes[12], "IHDR", 4) != 0)
    refuse(path, "the PNG header is missing");
  const auto number = [&](std::size_t at) {
    return std::int64_t{bytes[at]} << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  };
  check_extents(path, number(20), number(16));
}

ImageHeader checked_header(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  const bool png = is_png(bytes);
  if (bytes.empty()) refuse(path, "the file is empty");
  if (!png && !is_jpeg(bytes)) refuse(path, "not a PNG or JPEG, whatever its name says");
  if (png) check_png_extents(path, bytes);
  const std::string fault = png ? png_fault(bytes) : jpeg_fault(bytes);
  if (!fault.empty()) refuse(path, fault);
  ImageHeader header{};
  const int size = static_cast<int>(bytes.size());
  if (!stbi_info_from_memory(bytes.data(), size, &header.width, &header.height, &header.channels))
    refuse(path, fmt::format("its header cannot be read ({})", stbi_failure_reason()));
  check_extents(path, header.height, header.width);
  header.bits = stbi_is_16_bit_from_memory(bytes.data(), size) ? 16 : 8;
  return header;
}

}  // namespace

ImageHeader read_image_header(const std::string& path) {
  return checked_header(path, read_file(path));
}

Image read_image(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  const ImageHeader header = checked_header(path, bytes);
  const int size = static_cast<int>(bytes.size());
  int height = 0, width = 0, channels = 0;
  void* const decoded =
      header.bits == 16 ? static_cast<void*>(stbi_load_16_from_memory(bytes.data(), size, &width,
                                                                      &height, &channels, 0))
                        : stbi_load_from_memory(bytes.data(), size, &width, &height, &channels, 0);
  const std::unique_ptr<void, void (*)(void*)> owner(decoded, stbi_image_free);
  if (!decoded)
    refuse(path, fmt::format("the picture cannot be decoded ({})", stbi_failure_reason()));
  Image image(height, width, channels, header.bits);
  if (header.bits == 16)
    std::memcpy(image.words().data(), decoded, image.size() * 2);
  else
    std::memcpy(image.bytes().data(), decoded, image.size());
  return image;
}

bool has_image_name(const std::string& path) {
  std::string extension = path.substr(std::min(path.size(), path.rfind('.')));
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

}  // namespace ganymede
