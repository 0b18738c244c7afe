// The residual behind principal components against what is known of made sets.

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/quality/pca_residual.h>

using namespace ganymede;
using namespace ganymede::quality;

namespace {

constexpr int side = 6, pixels = side * side;

/// Combinations of `rank` fixed patterns with falling weights on a fixed ground, and noise.
std::vector<float> images(int count, int rank, double noise, std::uint64_t seed) {
  HostRng pattern(1, "patterns"), weight(seed, "weights");
  std::vector<double> patterns(std::size_t(rank) * pixels);
  for (double& v : patterns) v = pattern.uniform(-1.0, 1.0);
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    std::vector<double> image(pixels, 0.3);
    for (int k = 0; k < rank; ++k) {
      const double w = weight.uniform(-1.0, 1.0) / (k + 1);
      for (int j = 0; j < pixels; ++j)
        image[std::size_t(j)] += w * patterns[std::size_t(k * pixels + j)];
    }
    for (double v : image) values.push_back(float(v + noise * weight.uniform(-1.0, 1.0)));
  }
  return values;
}

ImageSet set_of(const std::vector<float>& values) {
  return {values, int(values.size()) / pixels, side, side, 1};
}

}  // namespace

TEST_CASE("pca: images of the learnt plane lie on it, others off it by what they add") {
  const auto learnt = images(60, 4, 0.0, 2), fresh = images(5, 4, 0.0, 3);
  const PcaResidual pca(set_of(learnt), 4);
  CHECK(pca.components() == 4);
  CHECK(pca.explained() == Approx(1.0));
  for (double d : pca(set_of(fresh))) CHECK(d < 1e-5);
  // A pattern that has no part in the plane: its own length.
  const auto off = images(60, 5, 0.0, 2);
  const PcaResidual five(set_of(off), 5);
  CHECK(pca(set_of(off))[0] > 0.01);
  CHECK(five(set_of(off))[0] < 1e-5);
}

TEST_CASE("pca: the components are those of largest variance") {
  const auto learnt = images(200, 6, 0.02, 2);
  double before = 1e9;
  for (int components : {1, 2, 3, 4, 5, 6, 20}) {
    const PcaResidual pca(set_of(learnt), components);
    double sum = 0, total = 0;
    for (double d : pca(set_of(learnt))) sum += d * d;
    const ImageSet set = set_of(learnt);
    std::vector<double> mean(pixels);
    for (int i = 0; i < set.count; ++i)
      for (int j = 0; j < pixels; ++j)
        mean[std::size_t(j)] += set.image(std::size_t(i))[std::size_t(j)] / set.count;
    for (int i = 0; i < set.count; ++i)
      for (int j = 0; j < pixels; ++j)
        total += std::pow(set.image(std::size_t(i))[std::size_t(j)] - mean[std::size_t(j)], 2);
    // What the components do not hold is the residual, and they hold more the more they are.
    CHECK(1 - sum / total == Approx(pca.explained()).epsilon(1e-6));
    CHECK(sum < before);
    // Six hold all but the noise of the other 30 directions, whose variance is .02^2 / 3 a pixel.
    if (components == 6) CHECK(sum == Approx(200 * 30 * 0.02 * 0.02 / 3).epsilon(0.1));
    before = sum;
  }
}

TEST_CASE("pca: never more components than the images span, and what is refused") {
  const auto few = images(3, 2, 0.1, 2);
  CHECK(PcaResidual(set_of(few), 50).components() == 2);
  const auto one = images(1, 2, 0.1, 2);
  CHECK_THROWS_AS(PcaResidual(set_of(one), 5), DataError);
  CHECK_THROWS_AS(PcaResidual(set_of(few), 0), SettingError);
  const PcaResidual pca(set_of(few), 2);
  CHECK_THROWS_AS(pca({few, 6, 6, 3, 1}), ShapeError);
}
