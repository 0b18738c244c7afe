#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/quality/degraded.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace ganymede::quality {

namespace {

std::vector<double> half_gaussian(double sigma) {
  std::vector<double> weights;
  for (int i = 0; i <= int(4 * sigma + .5); ++i)
    weights.push_back(std::exp(-i * i / (2 * sigma * sigma)));
  const double sum = 2 * std::accumulate(weights.begin(), weights.end(), 0.) - weights[0];
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// Where place i of a row lies once its ends are mirrored: -1 is 0, n is n - 1.
int mirrored_place(int i, int n) {
  const int period = 2 * n, at = ((i % period) + period) % period;
  return at < n ? at : period - 1 - at;
}

/// One line of `n` values, `step` apart.
void blur_line(float* line, int n, std::size_t step, const std::vector<double>& weights) {
  std::vector<double> before(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) before[std::size_t(i)] = line[std::size_t(i) * step];
  for (int i = 0; i < n; ++i) {
    double sum = weights[0] * before[std::size_t(i)];
    for (int k = 1; k < int(weights.size()); ++k)
      sum += weights[std::size_t(k)] * (before[std::size_t(mirrored_place(i - k, n))] +
                                        before[std::size_t(mirrored_place(i + k, n))]);
    line[std::size_t(i) * step] = float(sum);
  }
}

void blur(float* image, const ImageSet& extents, const std::vector<double>& weights) {
  const auto channels = std::size_t(extents.channels), row = extents.width * channels;
  for (int y = 0; y < extents.height; ++y)
    for (std::size_t c = 0; c < channels; ++c)
      blur_line(image + std::size_t(y) * row + c, extents.width, channels, weights);
  for (std::size_t i = 0; i < row; ++i) blur_line(image + i, extents.height, row, weights);
}

}  // namespace

std::vector<float> gaussian_blurred(const ImageSet& images, double sigma) {
  check_image_set("gaussian_blurred", images);
  if (!(sigma > 0))
    throw UsageError("gaussian_blurred: sigma " + std::to_string(sigma) + " is not above 0");
  const auto weights = half_gaussian(sigma);
  std::vector<float> result(images.pixels.begin(), images.pixels.end());
#pragma omp parallel for schedule(static)
  for (int i = 0; i < images.count; ++i)
    blur(result.data() + std::size_t(i) * images.size(), images, weights);
  return result;
}

std::vector<float> uniform_noise(const ImageSet& images, std::uint64_t seed) {
  check_image_set("uniform_noise", images);
  if (images.pixels.empty()) throw DataError("uniform_noise: no image gives it a range");
  const auto [low, high] = std::ranges::minmax_element(images.pixels);
  HostRng rng(seed, "uniform noise");
  std::vector<float> result;
  for (std::size_t i = 0; i < images.pixels.size(); ++i)
    result.push_back(float(rng.uniform(*low, *high)));
  return result;
}

}  // namespace ganymede::quality
