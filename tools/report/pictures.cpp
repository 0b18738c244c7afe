#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/report/pictures.h>

#include <algorithm>

#include <fmt/core.h>

namespace ganymede::report {

namespace fs = std::filesystem;

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) { return i + k < bytes.size() ? bytes[i + k] : 0u; };
    const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += letters[group >> 18];
    text += letters[group >> 12 & 63];
    text += i + 1 < bytes.size() ? letters[group >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? letters[group & 63] : '=';
  }
  return text;
}

std::string picture_uri(const fs::path& run_folder, const std::string& relative) {
  if (relative.empty()) return "";
  const fs::path inside = fs::path(relative).lexically_normal();
  if (inside.is_absolute() || *inside.begin() == "..")
    throw DataError(
        fmt::format("run.json names the picture \"{}\" outside the run folder: paths in "
                    "it are relative to the folder",
                    relative));
  const fs::path file = run_folder / inside;
  if (!fs::is_regular_file(file)) return "";
  const bool png = inside.extension() == ".png";
  return fmt::format("data:image/{};base64,{}", png ? "png" : "jpeg",
                     base64(read_file(file.string())));
}

Image paired_grid(const std::vector<Image>& fakes, const std::vector<Image>& nearest, int columns,
                  int gap) {
  if (fakes.size() != nearest.size())
    throw ShapeError(
        fmt::format("paired_grid: {} fakes, {} nearest images", fakes.size(), nearest.size()));
  if (fakes.empty()) throw ShapeError("paired_grid: there is no image");
  std::vector<Image> rows;
  const Image& first = fakes.front();
  const Image blank(first.height(), first.width(), first.channels(), first.bits());
  for (std::size_t begin = 0; begin < fakes.size(); begin += std::size_t(columns)) {
    const std::size_t end = std::min(fakes.size(), begin + std::size_t(columns));
    const std::size_t missing = std::size_t(columns) - (end - begin);
    for (const auto* set : {&fakes, &nearest}) {
      rows.insert(rows.end(), set->begin() + std::ptrdiff_t(begin),
                  set->begin() + std::ptrdiff_t(end));
      rows.insert(rows.end(), missing, blank);
    }
  }
  return image_grid(rows, columns, gap);
}

}  // namespace ganymede::report
