// What few images do to a Frechet distance, on Gaussian features whose true distance is known.
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <numeric>
#include <vector>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/quality/frechet_estimate.h>
#include <ganymede/models/quality/nuclear_norm.h>
#include <ganymede/models/quality/resampled_frechet.h>
#include <ganymede/models/quality/set_size.h>

using namespace ganymede::quality;
using ganymede::HostRng;

namespace {

/// Standard normal, shifted in the first dimension.
Features gaussian(const std::string& path, int n, int d, double shift = 0) {
  HostRng rng(5, path);
  std::vector<double> values;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < d; ++j) values.push_back(rng.normal() + (j == 0 ? shift : 0));
  return {std::span<const double>(values), n, d};
}

Features repeated(const Features& set, const std::vector<int>& counts) {
  std::vector<double> values;
  int n = 0;
  for (int i = 0; i < set.count; ++i)
    for (int k = 0; k < counts[i]; ++k, ++n)
      values.insert(values.end(), set.values.begin() + i * set.dims,
                    set.values.begin() + (i + 1) * set.dims);
  return {std::span<const double>(values), n, set.dims};
}

}  // namespace

TEST_CASE("an estimate is about the distance it is given, where a device computed it") {
  const auto a = gaussian("a", 60, 5), b = gaussian("b", 60, 5, 1);
  const auto plain = frechet_estimate(a, b, {}, {}, {.replicates = 2});
  const auto given = frechet_estimate(a, b, {}, {}, {.replicates = 2, .distance = 100.});
  CHECK(given.distance == 100);
  CHECK(given.sizes.front().distance == 100);
  CHECK(given.interval.low > plain.interval.high);
}

TEST_CASE("a resample's distance is that of the images it repeats") {
  for (const int d : {5, 200}) {  // by factors and by cross products
    const auto a = gaussian("a", 30, d), b = gaussian("b", 40, d, 1);
    std::vector<int> counts_a(30), counts_b(40);
    for (int i = 0; i < 40; ++i) {
      if (i < 30) counts_a[i] = (i * 7) % 3;
      counts_b[i] = (i * 5) % 4;
    }
    CHECK(ResampledFrechet(a, b).distance(counts_a, counts_b) ==
          Approx(frechet_distance(repeated(a, counts_a), repeated(b, counts_b))).epsilon(1e-6));
  }
}

TEST_CASE("large nuclear norms: by squares where that is exact, else by decomposition") {
  const int n = 300;
  std::vector<double> m(n * n), half(n * n);
  HostRng rng(1, "norm");
  for (int i = 0; i < n; ++i) m[i * n + i] = 1. / (i + 1);  // the norm is the diagonal's sum
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += m[i * n + i];
  CHECK(nuclear_norm({m, n, n}) == Approx(sum).epsilon(1e-12));
  // u v^T + 1e-9 on the diagonal: squares would see nothing of the small values
  const double share = 1. / n;
  for (int i = 0; i < n * n; ++i) half[i] = share + (i % (n + 1) == 0 ? 1e-9 : 0);
  CHECK(nuclear_norm({half, n, n}) == Approx(1 + n * 1e-9).epsilon(1e-12));
  CHECK_THROWS_AS(nuclear_norm({half, n, n + 1}), ganymede::ShapeError);
}

TEST_CASE("small nuclear norms: known singular values between two reflections") {
  const auto reflection = [](const std::vector<double>& u, int i, int j) {
    double squares = 0;
    for (const double value : u) squares += value * value;
    return (i == j) - 2 * u[i] * u[j] / squares;
  };
  for (const auto& [rows, columns] : {std::pair{1, 1}, {1, 7}, {13, 1}, {5, 13}, {31, 17}}) {
    HostRng rng(2, "reflections");
    std::vector<double> left(rows), right(columns), m(rows * columns);
    for (double& value : left) value = rng.uniform(-1, 1);
    for (double& value : right) value = rng.uniform(-1, 1);
    double sum = 0;
    for (int k = 0; k < std::min(rows, columns); ++k) {
      const double singular = k % 3 == 2 ? 0 : std::pow(.1, k);  // of no full rank
      sum += singular;
      for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
          m[j * rows + i] += reflection(left, i, k) * singular * reflection(right, k, j);
    }
    CHECK(nuclear_norm({m, rows, columns}) == Approx(sum).epsilon(1e-12));
  }
}

TEST_CASE("the extrapolation takes off what the counts add") {
  double plain = 0, extrapolated = 0;
  int covered = 0;
  const int trials = 20;
  for (int t = 0; t < trials; ++t) {
    const auto a = gaussian("x" + std::to_string(t), 100, 16);
    const auto b = gaussian("y" + std::to_string(t), 120, 16, 1);  // the true distance is 1
    const auto estimate =
        frechet_estimate(a, b, {}, {}, {.replicates = 100, .draws = 4, .seed = std::uint64_t(t)});
    CHECK(estimate.distance == frechet_distance(a, b));
    CHECK(
        (estimate.interval.low < estimate.distance && estimate.distance < estimate.interval.high));
    plain += estimate.distance / trials;
    extrapolated += estimate.extrapolated / trials;
    covered += estimate.extrapolated_interval.low <= 1 && 1 <= estimate.extrapolated_interval.high;
  }
  CHECK(plain > 1.5);
  CHECK(std::abs(extrapolated - 1) < .15);
  CHECK(covered >= 16);  // of 20 intervals at .95
}

TEST_CASE("with fewer images than dims the bias is said") {
  const auto a = gaussian("few a", 60, 100), b = gaussian("few b", 60, 100);  // the truth is 0
  const auto estimate = frechet_estimate(a, b, {}, {}, {.replicates = 50});
  CHECK(estimate.fewer_than_dims());
  // The line takes off less than all of it here, and the words say "or more".
  CHECK(std::abs(estimate.extrapolated) < .65 * estimate.distance);
  CHECK(estimate.bias == Approx(estimate.distance - estimate.extrapolated));
  CHECK(estimate.in_words().find("or more is finite-sample bias") != std::string::npos);
  CHECK(estimate.in_words().find("n = 60 against 60, d = 100") != std::string::npos);
  CHECK(estimate.sizes.size() == 5);
  CHECK(estimate.sizes.back().distance > estimate.sizes.front().distance);
}

TEST_CASE("patients who repeat widen the interval") {
  const auto few = gaussian("patients", 30, 8);
  const auto a = repeated(few, std::vector<int>(30, 4)), b = gaussian("others", 120, 8);
  std::vector<int> groups;
  for (int i = 0; i < 120; ++i) groups.push_back(i / 4);
  const auto alone = frechet_estimate(a, b, {}, {}, {.replicates = 200});
  const auto grouped = frechet_estimate(a, b, groups, {}, {.replicates = 200});
  CHECK(grouped.distance == alone.distance);
  CHECK(grouped.interval.high - grouped.interval.low >
        1.3 * (alone.interval.high - alone.interval.low));
  const auto again = frechet_estimate(a, b, groups, {}, {.replicates = 200});
  CHECK(again.interval.low == grouped.interval.low);
  CHECK(again.extrapolated_interval.high == grouped.extrapolated_interval.high);
}

TEST_CASE("below 50 images a side the reason comes instead") {
  CHECK(too_few_for_distance(50, 50).empty());
  CHECK(too_few_for_distance(49, 3000) ==
        "49 images against 3000: a distance of sets wants at least 50 a side");
  const auto few = gaussian("few", 49, 4), many = gaussian("many", 60, 4);
  CHECK_THROWS_AS(frechet_estimate(few, many), ganymede::DataError);
  CHECK_THROWS_AS(frechet_estimate(many, many, std::vector<int>(60, 7)), ganymede::DataError);
  CHECK_THROWS_AS(frechet_estimate(many, many, std::vector<int>(59, 7)), ganymede::ShapeError);
  CHECK_THROWS_AS(frechet_estimate(many, gaussian("many", 60, 5)), ganymede::ShapeError);
  CHECK_THROWS_AS(frechet_estimate(many, many, {}, {}, {.replicates = 1}), ganymede::UsageError);
}

TEST_CASE("1,341 against 1,341 images at 2,048 dims", "[.full]") {
  const auto a = gaussian("large a", 1341, 2048), b = gaussian("large b", 1341, 2048, 3);
  const auto start = std::chrono::steady_clock::now();
  const double distance = frechet_distance(a, b);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  WARN("Frechet distance of 1,341 against 1,341 at 2,048 dims: " << seconds << " s");
  CHECK(seconds < 4);  // 2 on a quiet machine
  std::vector<int> once(1341, 1);
  CHECK(ResampledFrechet(a, b).distance(once, once) == Approx(distance).epsilon(1e-6));
}
