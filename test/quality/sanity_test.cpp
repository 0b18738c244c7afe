// Distances of sets whose order is known: halves, blurred halves, noise.
#include "test/quality/sanity_support.h"

#include <catch2/catch.hpp>
#include <numeric>

#include <ganymede/data/phantom/chest_xray.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/degraded.h>

using namespace ganymede;
using namespace ganymede::quality;
using test::AuditImages;
using test::pixels_of;
using test::table_of;

TEST_CASE("a blur keeps the mean, mirrors at the border and spreads a point by sigma") {
  std::vector<float> point(41 * 41, 0.f), corner(41 * 41, 0.f);
  point[20 * 41 + 20] = 1;
  corner[0] = 1;
  const auto spread = gaussian_blurred({point, 1, 41, 41, 1}, 2);
  double variance = 0;
  for (int y = 0; y < 41; ++y)
    for (int x = 0; x < 41; ++x) variance += spread[std::size_t(y * 41 + x)] * (x - 20) * (x - 20);
  CHECK(variance == Approx(4).epsilon(.01));
  for (const auto& image : {spread, gaussian_blurred({corner, 1, 41, 41, 1}, 2)})
    CHECK(std::accumulate(image.begin(), image.end(), 0.) == Approx(1));
  const std::vector<float> flat(2 * 3 * 3, .25f);
  for (const float value : gaussian_blurred({flat, 1, 2, 3, 3}, 4)) CHECK(value == Approx(.25f));
  CHECK_THROWS_AS(gaussian_blurred({flat, 1, 2, 3, 3}, 0), UsageError);
  CHECK_THROWS_AS(uniform_noise({{}, 0, 2, 3, 3}, 0), DataError);
}

TEST_CASE("halves are nearer than blurred halves, and these than noise: phantoms") {
  PhantomOptions options;
  options.kind = "chest-xray";
  options.size = 64;
  AuditImages images(32);
  std::map<std::string, int> patients;
  for (int i = 0; i < 240; ++i) {
    const int next = int(patients.size());
    images.add(phantom::make_chest_xray(options, 0, i).image,
               patients.emplace(phantom::chest_patient(0, i), next).first->second);
  }
  const auto table = table_of(images, 4, [](const AuditImages& of) { return pixels_of(of, 8); });
  CHECK(table.kid.holds());
  REQUIRE(table.frechet);
  CHECK(table.frechet->holds());
  CHECK(table.frechet->ordered == 10);
  CHECK((table.splits == 10 && table.dims == 64 && table.half > 100));
  const auto wide = table_of(images, 4, [](const AuditImages& of) { return pixels_of(of, 16); });
  CHECK_FALSE(wide.frechet);  // 256 dims, about 120 images
  CHECK(wide.rows("pixels").find("| KID |") != std::string::npos);
  CHECK(wide.rows("pixels").find("Frechet") == std::string::npos);
}

TEST_CASE("a sanity table wants features of the same images, and enough of them") {
  const std::vector<double> values(120, 1.);
  const Features sixty(std::span<const double>(values), 60, 2),
      forty(std::span<const double>(values), 40, 3);
  CHECK_THROWS_AS(sanity_table(sixty, sixty, forty), ShapeError);
  CHECK_THROWS_AS(sanity_table(sixty, sixty, sixty), DataError);  // halves of 30
  CHECK_THROWS_AS(sanity_table(sixty, sixty, sixty, {}, 0), UsageError);
}
