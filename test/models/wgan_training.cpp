// What a Wasserstein GAN's training must hold to: the bound, the penalty, the class asked for.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/ops/reduce.h>

#include "gan_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

float largest(const Vars& parameters) {
  float bound = 0;
  for (const Var& p : parameters)
    for (float v : p.value().host()) bound = std::max(bound, std::abs(v));
  return bound;
}

/// Points on the lines between reals and fakes, as the penalty draws them.
Tensor interpolates(Gan& gan, const Tensor& real) {
  const std::int64_t n = real.shape()[0];
  Rng noise(5, "fakes"), mix(5, "mix");
  const std::vector<float> a = real.host(), b = gan.sample(n, noise).host(),
                           u = mix.uniform({n}).host();
  std::vector<float> between;
  for (std::size_t i = 0; i < a.size(); ++i)
    between.push_back(a[i] + u[i * std::size_t(n) / a.size()] * (b[i] - a[i]));
  return Tensor::from(between, real.shape());
}

/// How steep the critic is there: the mean length of its gradient, and the root of the mean square
/// of what that lacks to 1.
struct Slope {
  double mean = 0, off_one = 0;
};
Slope slope_of_critic(Gan& gan, const Tensor& real) {
  const Var x = Var::leaf(interpolates(gan, real));
  const Var y = gan.discriminator().forward(x, Mode::inference);
  const auto n = std::size_t(real.shape()[0]);
  const std::vector<float> g = grad(y, {x})[0].value().host();
  std::vector<double> squares(n);
  for (std::size_t i = 0; i < g.size(); ++i) squares[i * n / g.size()] += double(g[i]) * g[i];
  Slope slope;
  for (double square : squares) {
    slope.mean += std::sqrt(square) / double(n);
    slope.off_one += (std::sqrt(square) - 1) * (std::sqrt(square) - 1) / double(n);
  }
  slope.off_one = std::sqrt(slope.off_one);
  return slope;
}

/// Before and after a training of 120 generator steps.
std::pair<Slope, Slope> trained_slope(float penalty, std::uint64_t seed) {
  GanOptions o = tiny_wgan_gp();
  o.network.width = 4;
  o.batch = 16;
  o.learning_rate = 3e-4f;
  o.penalty = penalty;
  const std::vector<float> pixels = slopes(64, 1, 5);
  const Tensor real = Tensor::from(pixels, {64, side, side, 1});
  GanTraining training(o, {.n_critic = 3}, resident(pixels, 1), seed, "gan");
  const Slope before = slope_of_critic(training.gan(), real);
  while (training.generator_updates() < 120) training.advance();
  return {before, slope_of_critic(training.gan(), real)};
}

constexpr float colours[2][3] = {{0.6f, -0.4f, -0.4f}, {-0.4f, -0.4f, 0.6f}};

/// Pictures of one colour each, red and blue in turn, every picture a little lighter or darker.
std::vector<float> coloured(int count) {
  HostRng random(3, "colours");
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    const auto lighter = float(random.uniform(-0.2, 0.2));
    for (int pixel = 0; pixel < side * side; ++pixel)
      for (float c : colours[i % 2]) pixels.push_back(c + lighter);
  }
  return pixels;
}

/// Red less blue of each picture's mean: near 1 for the one class, near -1 for the other.
std::vector<double> redness(const Tensor& images) {
  const std::vector<float> pixels = images.host();
  std::vector<double> result(std::size_t(images.shape()[0]));
  for (std::size_t i = 0; i < pixels.size(); i += 3)
    result[i / (3 * side * side)] += (double(pixels[i]) - pixels[i + 2]) / (side * side);
  return result;
}

/// The share of 32 samples of a class that have its colour rather than the other's.
double share_in_colour(GanTraining& training, int of_class) {
  Rng noise(11, "colours");
  const auto measured = redness(training.gan().sample(32, noise, of_class));
  const double sign = of_class == 0 ? 1 : -1;
  return double(std::ranges::count_if(measured, [&](double r) { return sign * r > 0.5; })) / 32;
}

}  // namespace

TEST_CASE("no parameter of a clipped critic ever leaves its bound") {
  const OneThread quick;
  const GanSchedule schedule{.n_critic = 2, .warm_up = 3};
  GanTraining training(tiny_wgan(), schedule, resident(slopes(10, 1, 5), 1), 3, "gan");
  const Vars critic = parameters(training.gan().discriminator());
  CHECK(critic.size() == 7);  // two convolutions and a dense layer, two biases, a batch norm's two
  CHECK(largest(critic) > 0.01f);
  for (int i = 0; i < 30; ++i) {
    training.advance();
    CHECK(largest(critic) == 0.01f);  // some weight is always held back
  }
  CHECK(training.generator_updates() == 10);
  CHECK(largest(parameters(training.gan().generator())) > 0.5f);
}

TEST_CASE("the gradient penalty holds the critic's slope at one") {
  const OneThread quick;
  const auto [before, with] = trained_slope(10.0f, 0);
  CHECK(before.mean < 0.7);
  CHECK(std::abs(with.mean - 1) < 0.15);
  CHECK(with.off_one < 0.25);
  const auto [same, without] = trained_slope(0.0f, 0);
  CHECK(same.mean == before.mean);
  CHECK(without.mean > 1.3);
}

TEST_CASE("a conditional WGAN learns to make the class that is asked for") {
  const OneThread quick;
  GanOptions o = tiny_wgan_gp(3);
  o.network.classes = 2;
  o.network.width = 8;
  o.batch = 8;
  GanTraining training(o, {.n_critic = 3}, resident(coloured(64), 3, 2), 3, "gan");
  CHECK(share_in_colour(training, 0) == 0.0);
  CHECK(share_in_colour(training, 1) == 0.0);
  while (training.generator_updates() < 80) training.advance();
  CHECK(share_in_colour(training, 0) >= 0.9);
  CHECK(share_in_colour(training, 1) >= 0.9);
}
