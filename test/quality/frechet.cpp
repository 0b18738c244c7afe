// References: scipy 1.17.1; the trace of the root by linalg.eigvals(S1 S2) where both covariances
// have full rank, by linalg.svdvals of the cross products where they have not.
#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/frechet.h>

#include <catch2/catch.hpp>
#include <cmath>

using namespace ganymede::quality;

namespace {

/// The features of the references: integers over 8, exact in any format.
Features features(int n, int d, int k) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < d; ++j)
      values.push_back(((i * 7 + j * 13 + k * 5 + (i * j) % 11 + (i * i) % 7) % 17) / 8.);
  return {std::span<const double>(values), n, d};
}

}  // namespace

TEST_CASE("more images than dims: both ways give scipy's distance") {
  const auto a = features(40, 6, 0), b = features(50, 6, 3);
  CHECK(frechet_distance(a, b) == Approx(0.28081553057000175).epsilon(1e-10));
  CHECK(frechet_distance(moments(a), moments(b)) == Approx(0.28081553057000175).epsilon(1e-9));
}

TEST_CASE("fewer images than dims, in both sets or in one") {
  CHECK(frechet_distance(features(5, 20, 0), features(8, 20, 3)) ==
        Approx(7.819356846710244).epsilon(1e-10));
  CHECK(frechet_distance(features(40, 12, 0), features(6, 12, 3)) ==
        Approx(3.613974350971403).epsilon(1e-10));
  CHECK(frechet_distance(moments(features(5, 20, 0)), moments(features(8, 20, 3))) ==
        Approx(7.819356846710244).epsilon(1e-4));  // eigenvalues lose digits here
}

TEST_CASE("a set has no distance from itself; a shift adds its square") {
  const auto a = features(30, 7, 1);
  auto shifted = a;
  for (double& value : shifted.values) value += .5;
  CHECK(frechet_distance(a, a) == Approx(0).margin(1e-10));
  CHECK(frechet_distance(a, shifted) == Approx(7 * .25));
  auto wider = a;  // twice the spread about the mean: tr(S) (2 - 1)^2
  const auto m = moments(a);
  double trace = 0;
  for (int i = 0; i < 7; ++i) trace += m.covariance[std::size_t(i) * 8];
  for (std::size_t i = 0; i < wider.values.size(); ++i)
    wider.values[i] = m.mean[i % 7] + 2 * (a.values[i] - m.mean[i % 7]);
  CHECK(frechet_distance(a, wider) == Approx(trace));
}

TEST_CASE("moments divide by n - 1") {
  const std::vector<float> values{1, 2, 3, 6};
  const auto m = moments({std::span<const float>(values), 2, 2});
  CHECK(m.mean == std::vector<double>{2, 4});
  CHECK(m.covariance == std::vector<double>{2, 4, 4, 8});
}

TEST_CASE("kernel distance against numpy") {
  const auto a = features(12, 5, 0), b = features(12, 5, 3);
  const auto all = kid(a, b);
  CHECK(all.mean == Approx(-0.7964366984511884));
  CHECK(all.subsets == 1);
  const auto drawn = kid(a, features(40, 5, 3), 10, 4);
  CHECK(drawn.subset_size == 12);
  CHECK(drawn.subsets == 10);
  CHECK(drawn.sd > 0);
  CHECK(drawn.mean == kid(a, features(40, 5, 3), 10, 4).mean);
}

TEST_CASE("features that carry no distance are refused") {
  const auto a = features(4, 3, 0);
  CHECK_THROWS_AS(frechet_distance(a, features(4, 2, 0)), ganymede::ShapeError);
  CHECK_THROWS_AS(frechet_distance(a, features(1, 3, 0)), ganymede::DataError);
  CHECK_THROWS_AS(kid(a, features(1, 3, 0)), ganymede::DataError);
  const std::vector<float> bad{1, std::nanf("")};
  CHECK_THROWS_AS(Features(std::span<const float>(bad), 1, 2), ganymede::DataError);
  CHECK_THROWS_AS(Features(std::span<const float>(bad), 1, 3), ganymede::ShapeError);
}
