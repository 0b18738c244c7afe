#include "five_class_run.h"

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/file.h>
#include <ganymede/models/quality/significance.h>
#include <ganymede/models/quality/splitmix.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace ganymede::test {

namespace {

using quality::SplitMix64;

double uniform(SplitMix64& random) { return double(random.next() >> 11) / 9007199254740992.; }
double normal(SplitMix64& random) {
  return quality::normal_quantile(.001 + .998 * uniform(random));
}

/// A round field with as many dark spots as the grade says.
Image eye(SplitMix64& random, int grade) {
  constexpr int side = 24;
  Image image(side, side, 3);
  const double tone = .75 + .2 * uniform(random);
  std::vector<std::array<double, 2>> spots(std::size_t(2 * grade));
  for (auto& spot : spots) spot = {12 + 4 * normal(random), 12 + 4 * normal(random)};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      double light = std::hypot(x - 11.5, y - 11.5) < 11 ? tone + .04 * normal(random) : 0;
      for (const auto& spot : spots) light *= std::hypot(x - spot[0], y - spot[1]) < 1.2 ? .4 : 1;
      const std::array color{230 * light, 120 * light, 50 * light};
      for (int c = 0; c < 3; ++c) image.set(y, x, c, std::uint16_t(std::clamp(color[c], 0., 255.)));
    }
  return image;
}

void write_eyes(const std::filesystem::path& file, int grade, int count, std::uint64_t key) {
  SplitMix64 random(key);
  std::vector<Image> images;
  for (int i = 0; i < count; ++i) images.push_back(eye(random, grade));
  write_png(file.string(), image_grid(images, 8));
}

}  // namespace

void write_five_class_run(const std::filesystem::path& folder) {
  const auto run = five_class_run();
  std::uint64_t key = 0;
  for (const auto& [name, synthetic] : run["synthetic"].items()) {
    make_folder((folder / "synthetic" / name).string());
    for (const char* what : {"real", "grid"})
      write_eyes(folder / synthetic[what].get<std::string>(), std::stoi(name), 32, ++key);
    for (const auto& example : synthetic["rejected_examples"])
      write_eyes(folder / example["picture"].get<std::string>(), 2, 8, ++key);
  }
  write_file((folder / "run.json").string(), run.dump(1));
}

}  // namespace ganymede::test
