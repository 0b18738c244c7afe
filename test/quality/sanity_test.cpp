// Distances of sets whose order is known: halves, blurred halves, noise.
#include "test/quality/audit_support.h"

#include <catch2/catch.hpp>
#include <numeric>

#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/phantom/chest_xray.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/image_features.h>
#include <ganymede/models/quality/degraded.h>
#include <ganymede/models/quality/sanity.h>

#include "test/places.h"

using namespace ganymede;
using namespace ganymede::quality;
using test::AuditImages;
using test::Projection;

namespace {

AuditImages with_pixels(const AuditImages& images, std::vector<float> pixels) {
  AuditImages result = images;
  result.pixels = std::move(pixels);
  return result;
}

/// Area means of blocks of pixels: raw pixels of a smaller image.
Features pixels_of(const AuditImages& images, int side) {
  const int block = images.side / side;
  std::vector<double> rows(std::size_t(images.count()) * side * side, 0.);
  for (int i = 0; i < images.count(); ++i) {
    const auto image = images.set().image(std::size_t(i));
    for (int y = 0; y < images.side; ++y)
      for (int x = 0; x < images.side; ++x)
        rows[(std::size_t(i) * side + y / block) * side + x / block] +=
            image[std::size_t(y) * images.side + x] / double(block * block);
  }
  return {std::span<const double>(rows), images.count(), side * side};
}

template <class Extractor>
SanityTable table_of(const AuditImages& images, double sigma, Extractor features) {
  const auto blurred = with_pixels(images, gaussian_blurred(images.set(), sigma)),
             noise = with_pixels(images, uniform_noise(images.set(), 1));
  return sanity_table(features(images), features(blurred), features(noise), images.groups);
}

}  // namespace

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

TEST_CASE("halves are nearer than blurred halves, and these than noise: real X-rays", "[.full]") {
  const std::string root = test::real_data("chest-xray-pneumonia");
  if (root.empty()) {
    WARN("skipped: chest-xray-pneumonia is not on this machine");
    return;
  }
  const Dataset dataset = open_dataset(root);
  const auto patients = group_samples(dataset, find_duplicates(dataset, fingerprints(dataset)));
  AuditImages normals(128);
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    if (dataset.samples[i].label == "NORMAL" && dataset.samples[i].split == "train")
      normals.add(load_image(dataset, dataset.samples[i]), patients[i]);
  CHECK(normals.count() == 1341);
  std::string rows;
  for (const int side : {16, 64}) {
    const auto table =
        table_of(normals, 4, [&](const AuditImages& of) { return pixels_of(of, side); });
    CHECK(table.kid.holds());
    CHECK((!table.frechet || table.frechet->holds()));
    rows += table.rows("raw pixels, " + std::to_string(side) + "x" + std::to_string(side));
  }
  const auto gradients = table_of(normals, 4, [](const AuditImages& of) {
    return image_features(*test::gradients_for(of), of.set());
  });
  CHECK(gradients.kid.holds());
  REQUIRE(gradients.frechet);
  CHECK(gradients.frechet->holds());
  rows += gradients.rows("oriented gradients, 64x64");
  const Projection projection(128 * 128, 128);
  const auto table =
      table_of(normals, 4, [&](const AuditImages& of) { return projection.of(of, false); });
  CHECK(table.kid.holds());
  REQUIRE(table.frechet);
  CHECK(table.frechet->holds());
  rows += table.rows("random projection of 128x128 pixels, rectified");
  WARN(sanity_table_head << rows);
}
