// Walks: where they lead, and what a generator makes on the way.

#include <catch2/catch.hpp>

#include <cmath>

#include <ganymede/kernels/error.h>
#include <ganymede/models/conditioning.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/iagan.h>
#include <ganymede/models/latent_walk.h>

#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using Point = std::vector<float>;

double product(const Point& a, const Point& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * b[i];
  return sum;
}
double length(const Point& a) { return std::sqrt(product(a, a)); }
double angle(const Point& a, const Point& b) {
  return std::acos(std::min(1.0, product(a, b) / (length(a) * length(b))));
}

Point row(const Tensor& table, std::int64_t i) { return table.slice(i, i + 1).host(); }

}  // namespace

TEST_CASE("slerp turns evenly, and its length goes evenly") {
  Rng rng(3, "points");
  const Tensor points = rng.normal({2, 100});
  const Point a = row(points, 0), b = row(points, 1);
  CHECK(slerp(a, b, 0) == a);
  CHECK(slerp(a, b, 1) == b);
  for (int k = 1; k < 8; ++k) {
    const double t = k / 8.0;
    const Point p = slerp(a, b, t);
    CHECK(length(p) == Approx((1 - t) * length(a) + t * length(b)).epsilon(1e-6));
    CHECK(angle(a, p) == Approx(t * angle(a, b)).epsilon(1e-5));
    CHECK(angle(p, b) == Approx((1 - t) * angle(a, b)).epsilon(1e-5));
  }
  // A quarter circle by hand: at a third of it, 30 degrees and length 1 + 2/3.
  const Point third = slerp(Point{1, 0}, Point{0, 3}, 1.0 / 3);
  CHECK(third[0] == Approx(5.0 / 3 * std::cos(std::acos(-1) / 6)));
  CHECK(third[1] == Approx(5.0 / 3 * 0.5));
  // Where there is no one great circle the way is straight.
  CHECK(slerp(Point{1, 0}, Point{-3, 0}, 0.5) == Point{-1, 0});
  CHECK(slerp(Point{0, 0}, Point{2, 4}, 0.5) == Point{1, 2});
  CHECK_THROWS_AS(slerp(Point{1}, Point{1, 2}, 0.5), ShapeError);
}

TEST_CASE("a latent loop passes its stops and closes") {
  Rng rng(4, "stops");
  for (bool uniform : {false, true}) {
    const Tensor stops = uniform ? rng.uniform({3, 50}, -1.0f, 1.0f) : rng.normal({3, 50});
    const int steps = 6;
    const Tensor loop = latent_loop(stops, steps, uniform);
    REQUIRE(loop.shape() == Shape{18, 50});
    for (int i = 0; i < 3; ++i) {
      const Point stop = row(stops, i), passed = row(loop, i * steps);
      for (std::size_t k = 0; k < stop.size(); ++k)
        CHECK(passed[k] == Approx(stop[k]).margin(1e-6));
    }
    if (uniform) {
      for (float v : loop.host()) CHECK(std::abs(v) < 1.0f);
      continue;
    }
    // Each leg in equal turns, the last one back to the first stop as well.
    for (int i = 0; i < 18; ++i) {
      const int leg = i / steps * steps;
      const double whole = angle(row(loop, leg), row(loop, (leg + steps) % 18));
      CHECK(angle(row(loop, i), row(loop, (i + 1) % 18)) == Approx(whole / steps).epsilon(1e-4));
    }
  }
  CHECK_THROWS_AS(latent_loop(rng.normal({1, 5}), 3), ShapeError);
  CHECK_THROWS_AS(latent_loop(rng.normal({2, 5}), 0), ShapeError);
}

TEST_CASE("a class loop mixes neighbours and closes") {
  const Tensor loop = class_loop(3, 4);
  REQUIRE(loop.shape() == Shape{12, 3});
  CHECK(row(loop, 0) == Point{1, 0, 0});
  CHECK(row(loop, 3) == Point{0.25f, 0.75f, 0});
  CHECK(row(loop, 4) == Point{0, 1, 0});
  CHECK(row(loop, 11) == Point{0.75f, 0, 0.25f});
  const Tensor two = class_loop(2, 2);
  CHECK(row(two, 1) == Point{0.5f, 0.5f});
  CHECK(row(two, 3) == Point{0.5f, 0.5f});
  CHECK_THROWS_AS(class_loop(1, 4), ShapeError);
}

TEST_CASE("images of given z and classes are the generator's, however many") {
  const OneThread quick;
  GanOptions o = tiny_wgan_gp();
  o.network.classes = 2;
  Gan gan(o, 4, "gan");
  Rng rng(6, "z"), again(6, "z");
  const Tensor z = draw_latent(o, 70, rng);
  const Tensor first = latent_with_class(z, same_label(70, 1, 2), 2).reshape({70, 5});
  const Tensor ones = class_loop(2, 35);  // row 0 is class 0, row 35 class 1
  const Tensor images = generate(gan.generator(), o, z, ones);
  CHECK(images.shape() == Shape{70, side, side, 1});
  const std::vector<float> sampled = sample_generator(gan.generator(), o, 70, again, 1).host(),
                           made = images.host();
  const std::size_t size = side * side;
  double same = 0, other = 0;
  for (std::size_t k = 0; k < size; ++k) {
    same += std::abs(sampled[35 * size + k] - made[35 * size + k]);
    other += std::abs(sampled[k] - made[k]);
  }
  CHECK(same < 1e-4);
  CHECK(other > 1e-4);  // of the other class
  CHECK_THROWS_AS(generate(gan.generator(), o, z), ShapeError);
  CHECK_THROWS_AS(generate(gan.generator(), o, first, ones), ShapeError);
}

TEST_CASE("a generator of variations walks with its image fixed") {
  const OneThread quick;
  GanOptions o;
  o.network = {.model = GanModel::iagan64, .size = side, .latent = 3, .width = 8, .slope = 0.2f};
  o.loss = GanLoss::least_squares;
  o.batch = 4;
  Gan gan(o, 3, "iagan");
  const Tensor image = Tensor::from(slopes(1, 1, 5), {1, side, side, 1});
  Rng rng(6, "z");
  const Tensor z = latent_loop(rng.normal({2, 3}), 2);
  const Tensor images = generate(gan.generator(), o, z, {}, image);
  for (int i = 0; i < 4; ++i) {
    const Var input = image_with_noise(Var(image), Var(z.slice(i, i + 1)));
    const auto alone = gan.generator().forward(input, Mode::inference).value().host();
    const auto made = row(images, i);
    for (std::size_t k = 0; k < made.size(); ++k) CHECK(made[k] == Approx(alone[k]).margin(1e-5));
  }
  CHECK_THROWS_AS(generate(gan.generator(), o, z), SettingError);
}
