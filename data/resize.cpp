// y[o] = sum_i w[o, i] x[i], once along the rows and once along the columns. The weights of one
// output pixel are a short run of inputs: filter((i + 1/2 - centre) / scale), normalised to sum 1.

#include <ganymede/data/resize.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/core.h>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

struct Run {
  int first;
  std::vector<float> weights;
};

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

double catmull_rom(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

/// Length of [i, i+1) covered by [low, high).
double overlap(int i, double low, double high) {
  return std::max(0.0, std::min(i + 1.0, high) - std::max(double(i), low));
}

Run run_of(int out, int in_extent, double ratio, Resize mode) {
  const double centre = (out + 0.5) * ratio;
  const double scale = std::max(1.0, ratio);
  const double reach =
      mode == Resize::area ? ratio / 2 : scale * (mode == Resize::bicubic ? 2.0 : 1.0);
  const int first = std::max(0, static_cast<int>(std::floor(centre - reach)));
  const int last = std::min(in_extent, static_cast<int>(std::ceil(centre + reach)));
  std::vector<double> weights;
  double total = 0;
  for (int i = first; i < last; ++i) {
    const double distance = (i + 0.5 - centre) / scale;
    const double weight = mode == Resize::area      ? overlap(i, centre - reach, centre + reach)
                          : mode == Resize::bicubic ? catmull_rom(distance)
                                                    : triangle(distance);
    weights.push_back(weight);
    total += weight;
  }
  Run run{first, {}};
  for (double weight : weights) run.weights.push_back(static_cast<float>(weight / total));
  return run;
}

std::vector<Run> runs_of(int in_extent, int out_extent, Resize mode) {
  std::vector<Run> runs;
  for (int out = 0; out < out_extent; ++out)
    runs.push_back(run_of(out, in_extent, double(in_extent) / out_extent, mode));
  return runs;
}

/// Resamples the middle axis of (outer, in, inner) values.
std::vector<float> resample(const std::vector<float>& x, std::size_t outer, std::size_t in,
                            std::size_t inner, const std::vector<Run>& runs) {
  std::vector<float> y(outer * runs.size() * inner, 0.0f);
  for (std::size_t block = 0; block < outer; ++block)
    for (std::size_t out = 0; out < runs.size(); ++out) {
      float* target = &y[(block * runs.size() + out) * inner];
      for (std::size_t k = 0; k < runs[out].weights.size(); ++k) {
        const float weight = runs[out].weights[k];
        const float* source = &x[(block * in + runs[out].first + k) * inner];
        for (std::size_t j = 0; j < inner; ++j) target[j] += weight * source[j];
      }
    }
  return y;
}

}  // namespace

Resize resize_mode(const std::string& name) {
  for (Resize mode : {Resize::area, Resize::bilinear, Resize::bicubic})
    if (name == name_of(mode)) return mode;
  throw SettingError(fmt::format("resize '{}': choose one of area, bilinear, bicubic", name));
}

std::string name_of(Resize mode) {
  return mode == Resize::area ? "area" : mode == Resize::bilinear ? "bilinear" : "bicubic";
}

Image resize(const Image& image, int height, int width, Resize mode) {
  if (height == image.height() && width == image.width()) return image;
  Image out(height, width, image.channels(), image.bits());
  const std::size_t channels = image.channels(), rows = image.height(), columns = image.width();
  std::vector<float> values(image.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(image.value(i));
  values = resample(values, rows, columns, channels, runs_of(image.width(), width, mode));
  values = resample(values, 1, rows, width * channels, runs_of(image.height(), height, mode));
  for (std::size_t i = 0; i < values.size(); ++i) out.set(i, values[i]);
  return out;
}

}  // namespace ganymede
