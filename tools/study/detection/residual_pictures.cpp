#include <ganymede/tools/study/detection/residual_pictures.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

/// Grey, red where the found image is another: full red from half the range on.
Image overlay(const Image& image, const Image& found) {
  const Image grey = to_bits(to_grey(image), 8), other = to_bits(to_grey(found), 8);
  Image result(grey.height(), grey.width(), 3);
  for (std::size_t i = 0; i < grey.size(); ++i) {
    const double heat = std::min(1.0, std::abs(grey.value(i) - other.value(i)) / 127.5);
    result.set(3 * i, grey.value(i) * (1 - heat) + 255 * heat);
    for (std::size_t c = 1; c < 3; ++c) result.set(3 * i + c, grey.value(i) * (1 - heat));
  }
  return result;
}

}  // namespace

Image residual_strip(const Image& image, const Image& found) {
  return enlarged(image_grid({to_bits(to_channels(image, 3), 8), to_bits(to_channels(found, 3), 8),
                              overlay(image, found)},
                             3),
                  480);
}

Json write_extremes(const RunFolder& folder, const std::vector<Image>& images,
                    const std::vector<Image>& found, const std::vector<double>& scores) {
  std::vector<int> order = quality::sorted_order(scores);
  const std::size_t most = std::min<std::size_t>(8, order.size());
  Json pictures = Json::array();
  const auto write = [&](const std::string& name, const std::string& text) {
    std::vector<Image> strips;
    for (std::size_t i = 0; i < most; ++i)
      strips.push_back(residual_strip(images[std::size_t(order[i])], found[std::size_t(order[i])]));
    write_png(folder.file("pictures/" + name + ".png"), image_grid(strips, 2));
    pictures.push_back({{"path", "pictures/" + name + ".png"}, {"text", text}});
  };
  write("lowest", "Lowest scores: image, what the generator makes of it, residual");
  std::ranges::reverse(order);
  write("highest", "Highest scores: image, what the generator makes of it, residual");
  return pictures;
}

Json write_pairs(const RunFolder& folder, const std::string& name, const std::vector<Image>& inputs,
                 const std::vector<Image>& found) {
  if (inputs.empty()) return nullptr;
  constexpr std::size_t columns = 8, most = 2 * columns;
  const std::size_t count = std::min(most, inputs.size());
  const auto first = [&](const std::vector<Image>& all) {
    return std::vector<Image>(all.begin(), all.begin() + std::ptrdiff_t(count));
  };
  const std::string path = fmt::format("pictures/pairs-{}.png", folder_name(name));
  write_png(folder.file(path),
            enlarged(report::paired_grid(first(inputs), first(found), int(columns)), 480));
  return {{"path", path},
          {"text", fmt::format("Images ({}), and under each what was made of it", name)}};
}

}  // namespace ganymede::study
