// Folds too long for a cluster: a second kernel merges the chunks' states.
#include <catch2/catch.hpp>
#include <cmath>

#include <ganymede/engine/ops.h>
#include <ganymede/kernels/sanitizer.h>

#include <test/backends.h>
#include <test/emulator/launches_of.h>

using namespace ganymede;
using namespace ganymede::test;

namespace {

struct Moments {
  double mean = 0.0, variance = 0.0;
};

std::vector<Moments> moments_of(const std::vector<float>& x, std::size_t channels) {
  const double rows = double(x.size() / channels);
  std::vector<Moments> moments(channels);
  for (std::size_t i = 0; i < x.size(); ++i) moments[i % channels].mean += double(x[i]) / rows;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Moments& m = moments[i % channels];
    m.variance += std::pow(double(x[i]) - m.mean, 2) / rows;
  }
  return moments;
}

}  // namespace

TEST_CASE("folds: a second kernel merges the chunks, in one order in every lane order") {
  const std::int64_t rows = 16387, channels = 32;  // 256 threads over 32 channels: 8 rows at a time
  std::vector<std::vector<std::vector<float>>> found;
  on_each_cuda_backend([&](const std::string& backend) {
    INFO(backend);
    simt::reset_launch_counts();
    const Var x = Rng(1, "x").normal({rows, channels});
    const BatchNormResult normed = batch_norm(x, {}, {}, 1e-3f);
    const std::vector<float> mean = normed.mean.host(), variance = normed.variance.host(),
                             sums = sum_to(x, {channels}).value().host();
    if (sanitized) CHECK(launches_of("second_stage<") == 2);  // names are known there

    const std::vector<Moments> want = moments_of(x.value().host(), channels);
    for (std::size_t c = 0; c < want.size(); ++c) {
      CHECK(sums[c] / double(rows) == Approx(want[c].mean).margin(1e-6));
      CHECK(mean[c] == Approx(want[c].mean).margin(1e-6));
      CHECK(variance[c] == Approx(want[c].variance).margin(1e-5));
    }
    found.push_back({sums, mean, variance});
  });
  for (const auto& one : found) CHECK(one == found[0]);
}
