// f-AnoGAN's encoder: its loss, what it leaves alone, what it learns, each query alone.

#include <catch2/catch.hpp>

#include <cmath>

#include <ganymede/kernels/error.h>
#include <ganymede/models/anogan.h>
#include <ganymede/models/settings.h>

#include "encoder_support.h"
#include "one_thread.h"
#include "test/backends.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

/// Images of the plane, and z that they came from.
struct Known {
  Tensor z, images;
  Known(std::int64_t count, std::uint64_t seed) {
    Rng rng(seed, "truth");
    z = rng.uniform({count, 2}, -0.9f, 0.9f);
    images = plane().generate({}, Var(z)).value();
  }
};

double mean_residual(const LatentMatches& found) {
  double sum = 0;
  for (const LatentMatch& m : found.matches) sum += m.residual;
  return sum / double(found.matches.size());
}

/// sum |x - y| of each image.
std::vector<double> distances(const Tensor& x, const Tensor& y) {
  const auto a = x.host(), b = y.host();
  std::vector<double> sums(std::size_t(x.shape()[0]));
  const std::size_t pixels = a.size() / sums.size();
  for (std::size_t i = 0; i < a.size(); ++i) sums[i / pixels] += std::abs(double(a[i]) - b[i]);
  return sums;
}

/// Of images and what the generator makes of them, in double.
double mean_square(const Tensor& x, LatentEncoder& encoder, const SearchSpace& space) {
  const Recording off(false);
  const Var z = encoder.network().forward(Var(x), Mode::inference);
  const auto made = space.generate(x, z).value().host(), wanted = x.host();
  double sum = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) sum += std::pow(double(made[i]) - wanted[i], 2);
  return sum / double(wanted.size());
}

std::vector<float> weights_of(LatentEncoder& encoder) {
  std::vector<float> all;
  for (const Var& p : parameters(encoder.network()))
    for (float v : p.value().host()) all.push_back(v);
  return all;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double(a[i]) - b[i], 2);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("latent encoder: the discriminator's convolutions, a dense layer to z, layer norm") {
  GanNetworkOptions o{.size = 64, .width = 64, .normal_init = true};
  const auto bounded = anogan_encoder(o, true, Rng(1, "e"));
  // 25 (64 + 64 128 + 128 256 + 256 512) weights, scale and shift of 896 maps, 8192 to 100 with
  // bias.
  CHECK(count_parameters(*bounded).trainable == 4'302'400 + 1'792 + 819'300);
  CHECK(count_parameters(*bounded).fixed == 0);
  CHECK(bounded->name(2) == "layer_normalization");
  CHECK(bounded->output_shape({3, 64, 64, 1}) == Shape{3, 100});
  o.size = side;
  o.width = 4;
  const Tensor x = Tensor::full({2, side, side, 1}, 1.0f);
  const auto z = [&](bool tanh) {
    return anogan_encoder(o, tanh, Rng(1, "e"))->forward(Var(x), Mode::inference).value().host();
  };
  const auto within = z(true), free = z(false);
  for (std::size_t i = 0; i < free.size(); ++i)
    CHECK(within[i] == Approx(std::tanh(free[i])).margin(1e-6));
}

TEST_CASE("latent encoder: the loss is izi_f's, means of squares, recorded or not") {
  const OneThread quick;
  LatentEncoderOptions o = tiny_encoder();
  o.batch = 2;
  o.kappa = 0.5f;
  const float of_query = GENERATE(0.0f, 0.25f);  // beside z the generator takes an image
  std::vector<float> of_cpu;                     // the first backend
  on_each_backend([&](const std::string& backend) {
    LatentEncoder encoder(plane(of_query), o, 1, "encoder");
    const std::vector<float> first = weights_of(encoder);
    for (int step = 0; step < 3; ++step) {  // on a device: eager, recorded, replayed
      INFO(backend << ", step " << step);
      const Tensor x = pictures(2, std::uint64_t(step));
      const double squares = mean_square(x, encoder, plane(of_query));
      encoder.step(x);
      const EncoderLosses now = encoder.losses();
      CHECK(now.pixels == Approx(squares).epsilon(1e-5));
      CHECK(now.features == Approx(4 * squares).epsilon(1e-5));  // f doubles
      CHECK(now.loss == Approx(3 * squares).epsilon(1e-5));
    }
    CHECK(encoder.losses().loss == 0.0f);  // since the last reading there was no step
    const std::vector<float> now = weights_of(encoder);
    if (of_cpu.empty()) of_cpu = now;
    CHECK(distance(now, first) > 0.1);
    CHECK(distance(now, of_cpu) < 1e-3 * distance(now, first));
  });
}

TEST_CASE("latent encoder: ten steps lower the loss and leave the GAN as it was") {
  const OneThread quick;
  TrainedGan trained;
  const std::vector<float> before = trained.state();
  const bool of_gan = GENERATE(true, false);
  LatentEncoderOptions o = tiny_encoder();
  o.learning_rate = 3e-4f;
  LatentEncoder encoder(of_gan ? trained.space : plane(), o, 1, "encoder");
  const Tensor x = of_gan ? pictures(8, 5) : Known(8, 5).images;
  std::vector<float> losses;
  for (int i = 0; i <= 10; ++i) {
    encoder.step(x);
    losses.push_back(encoder.losses().loss);
  }
  CAPTURE(of_gan, losses);
  CHECK(losses.back() < (of_gan ? 0.93f : 0.2f) * losses.front());
  CHECK(trained.state() == before);
}

TEST_CASE("latent encoder: learns to invert a generator, for images that it has not seen") {
  const OneThread quick;
  LatentEncoderOptions o = tiny_encoder();
  o.steps = 400;
  // The plane reaches beyond [-1, 1]: u8 would cut it.
  LatentEncoder encoder(plane(), o, 1, "encoder");
  const Known learnt(64, 7), unseen(13, 8), other(13, 9);
  const double untrained = mean_residual(encoder.run(unseen.images));
  for (int i = 0; i < o.steps; ++i) encoder.step(learnt.images.slice(i % 8 * 8, i % 8 * 8 + 8));
  const LatentMatches found = encoder.run(unseen.images);
  double random = 0;
  for (double d : distances(unseen.images, other.images)) random += d / 13;
  INFO("random " << random << " untrained " << untrained << " found " << mean_residual(found));
  CHECK(mean_residual(found) < 0.2 * random);
  CHECK(mean_residual(found) < 0.2 * untrained);
  const auto z = found.z.host(), wanted = unseen.z.host();
  double off = 0;
  for (std::size_t i = 0; i < z.size(); ++i) off += std::abs(z[i] - wanted[i]) / double(z.size());
  CHECK(off < 0.15);
}

TEST_CASE(
    "latent encoder: answers are what the generator makes of z, and sums of how far that is") {
  const OneThread quick;
  const float of_query = GENERATE(0.0f, 0.25f);
  LatentEncoderOptions o = tiny_encoder();
  o.feature_weight = 0.3f;
  const SearchSpace space = plane(of_query);
  LatentEncoder encoder(space, o, 1, "encoder");
  const Tensor x = pictures(7, 9);  // a whole batch of four and one that is filled up
  const LatentMatches found = encoder.run(x);
  REQUIRE(found.matches.size() == 7);
  CHECK(found.z.shape() == Shape{7, 2});
  const Tensor again = space.generate(x, Var(found.z)).value();
  for (double d : distances(again, found.images)) CHECK(d < 1e-4);
  const std::vector<double> residual = distances(x, found.images);
  for (std::size_t i = 0; i < 7; ++i) {
    const LatentMatch& m = found.matches[i];
    CHECK(m.residual == Approx(residual[i]).epsilon(1e-5));
    CHECK(m.discrimination == Approx(2 * residual[i]).epsilon(1e-5));
    CHECK(m.score == Approx(0.7 * m.residual + 0.3 * m.discrimination).epsilon(1e-5));
    CHECK(m.steps == 0);
  }
}

TEST_CASE("latent encoder: a query's z does not depend on its batch-mates, to the bit") {
  TrainedGan trained;
  LatentEncoder encoder(trained.space, tiny_encoder(), 1, "encoder");
  encoder.step(pictures(8, 5));
  const Tensor x = pictures(6, 9);
  Tensor others = pictures(6, 77);
  others.slice(1, 2).copy_from(x.slice(1, 2));
  const LatentMatches one = encoder.run(x), other = encoder.run(others),
                      alone = encoder.run(x.slice(1, 2)), tail = encoder.run(x.slice(4, 6));
  CHECK(one.z.slice(1, 2).host() == other.z.slice(1, 2).host());
  CHECK(one.z.slice(1, 2).host() == alone.z.host());
  CHECK(one.matches[1].score == other.matches[1].score);
  CHECK(one.matches[1].score == alone.matches[0].score);
  CHECK(one.z.slice(4, 6).host() == tail.z.host());
  CHECK(one.z.slice(0, 1).host() != other.z.slice(0, 1).host());
}

TEST_CASE("latent encoder: what is refused") {
  const auto refused = [](auto change) {
    LatentEncoderOptions o = tiny_encoder();
    change(o);
    CHECK_THROWS_AS(LatentEncoder(plane(), o, 1, "e"), SettingError);
  };
  refused([](auto& o) { o.kappa = -1.0f; });
  refused([](auto& o) { o.feature_weight = 1.5f; });
  refused([](auto& o) { o.steps = 0; });
  refused([](auto& o) { o.learning_rate = 0.0f; });
  refused([](auto& o) { o.network.size = 20; });
  LatentEncoder encoder(plane(), tiny_encoder(), 1, "e");
  CHECK_THROWS_AS(encoder.run(Tensor::zeros({4, 4})), ShapeError);
  CHECK_THROWS_AS(encoder.run(Tensor::zeros({4, 8, 8, 1})), ShapeError);
  CHECK_THROWS_AS(encoder.step(pictures(3, 5)), UsageError);
}

TEST_CASE("latent encoder: a recipe's keys arrive") {
  Recipe recipe = Recipe::shipped("cxr-iagan64");
  CHECK(recipe.text("detect.search") == "gradient");
  for (const char* key :
       {"search=encoder", "encoder_steps=7", "encoder_batch=3", "encoder_rate=0.01",
        "encoder_tanh=false", "kappa=2", "weight=0.4", "at_once=5", "width=8"})
    recipe.set("detect." + std::string(key));
  CHECK_THROWS_AS(recipe.set("detect.search=lottery"), SettingError);
  const LatentEncoderOptions o = encoder_options(recipe, 3);
  CHECK(o.steps == 7);
  CHECK(o.batch == 3);
  CHECK(o.learning_rate == 0.01f);
  CHECK_FALSE(o.bounded);
  CHECK(o.kappa == 2.0f);
  CHECK(o.feature_weight == 0.4f);
  CHECK(o.at_once == 5);
  CHECK(o.network.width == 8);
  CHECK(o.network.channels == 3);
  CHECK(o.network.size == 64);
}
