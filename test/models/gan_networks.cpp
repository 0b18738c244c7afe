// The GANs' networks against the papers' parameter counts; how the class goes in.

#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/models/conditioning.h>
#include <ganymede/models/settings.h>

#include "gan_support.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

const Rng rng(0, "counts");

}  // namespace

TEST_CASE("parameters of paper 000's DCGAN") {
  const GanOptions o = gan_options(Recipe::shipped("headct-dcgan32"), 1);
  CHECK(generator_count(o.network) == 4'870'785);
  CHECK(discriminator_count(o.network) == 791'169);
}

TEST_CASE("parameters of paper 001's Wasserstein GAN") {
  Recipe recipe = Recipe::shipped("retina-wgan64");
  const GanNetworkOptions batch = gan_options(recipe, 3).network;
  CHECK(generator_count(batch) == 18'871'427);
  CHECK(discriminator_count(batch) == 4'315'649);
  recipe.set("gan.norm=none");
  CHECK(discriminator_count(gan_options(recipe, 3).network) == 4'314'753);
  recipe.set("gan.norm=layer");  // a scale and a shift a channel, as batch norm
  CHECK(discriminator_count(gan_options(recipe, 3).network) == 4'315'649);
}

TEST_CASE("parameters of AnoGAN's DCGAN") {
  const GanNetworkOptions o{.model = GanModel::anogan64, .size = 64, .width = 64};
  CHECK(generator_count(o) == 5'123'520);
  CHECK(discriminator_count(o) == 4'312'384);
}

TEST_CASE("parameters of paper 003's DCGAN") {
  GanNetworkOptions o = gan_options(Recipe::shipped("cxr-dcgan128"), 1).network;
  CHECK(generator_count(o) == 2'615'169);
  CHECK(discriminator_count(o) == 404'225);
  o.norm = DiscriminatorNorm::batch;  // not behind the first convolution
  CHECK(discriminator_count(o) == 404'225 + 2 * (64 + 128 + 256));
}

TEST_CASE("paper 003's DCGAN takes multiples of 16 pixels, square or not") {
  GanNetworkOptions o{.model = GanModel::dcgan128, .channels = 2, .latent = 3, .width = 1};
  using Extents = std::pair<int, int>;
  for (const auto& [rows, columns] :
       {Extents{16, 16}, {32, 0}, {64, 64}, {96, 0}, {128, 128}, {256, 0}, {128, 96}, {32, 208}}) {
    o.size = rows;
    o.columns = columns;
    const Shape image{2, rows, columns ? columns : rows, 2};
    CHECK(image_extents(o, 2) == image);
    const auto g = make_generator(o, rng), d = make_discriminator(o, rng);
    CHECK(g->output_shape(generator_input(o, 2)) == image);
    CHECK(d->output_shape(discriminator_input(o, 2)) == Shape{2, 1});
    const Var made = g->forward(Var(Rng(1, "z").normal({2, 3})), Mode::inference);
    CHECK(made.shape() == image);
    CHECK(d->forward(made, Mode::inference).shape() == Shape{2, 1});
  }
  for (const auto& [rows, columns] : {Extents{8, 0}, {120, 0}, {128, 100}, {0, 64}}) {
    o.size = rows;
    o.columns = columns;
    CHECK_THROWS_AS(make_generator(o, rng), SettingError);
    CHECK_THROWS_AS(make_discriminator(o, rng), SettingError);
  }
}

TEST_CASE("the other models refuse images that are not square") {
  GanNetworkOptions o{.model = GanModel::wgan64, .size = 32, .columns = 64};
  CHECK_THROWS_WITH(make_generator(o, rng), Contains("data.columns"));
  CHECK_THROWS_AS(make_discriminator(o, rng), SettingError);
  o.columns = 32;
  CHECK_NOTHROW(make_generator(o, rng));
}

TEST_CASE("a class adds a row to the dense layer and a plane to the first convolution") {
  GanNetworkOptions o = tiny_wgan(3).network;
  const std::int64_t g = generator_count(o), d = discriminator_count(o);
  o.classes = 5;
  CHECK(generator_count(o) == g + 5 * 4 * 4 * (o.width * 4));
  CHECK(discriminator_count(o) == d + 5 * 5 * 5 * o.width);
  CHECK(make_generator(o, rng)->output_shape(generator_input(o, 2)) == Shape{2, side, side, 3});
  CHECK(make_discriminator(o, rng)->output_shape(discriminator_input(o, 2)) == Shape{2, 1});
}

TEST_CASE("the Wasserstein GAN takes 4 x 2^k pixels a side") {
  GanNetworkOptions o = tiny_wgan().network;
  for (int size : {8, 16, 32, 128}) {
    o.size = size;
    CHECK(make_generator(o, rng)->output_shape({1, 3}) == Shape{1, size, size, 1});
    CHECK(make_discriminator(o, rng)->output_shape({1, size, size, 1}) == Shape{1, 1});
  }
  for (int size : {0, 4, 10, 12, 24, 66}) {
    o.size = size;
    CHECK_THROWS_AS(make_generator(o, rng), SettingError);
    CHECK_THROWS_WITH(make_discriminator(o, rng), Contains(std::to_string(size)));
  }
}

TEST_CASE("options that do not go together are refused") {
  GanOptions o = tiny_wgan_gp();
  o.network.norm = DiscriminatorNorm::batch;
  CHECK_THROWS_WITH(Gan(o, 1, "x"), Contains("gan.norm"));
  CHECK_THROWS_AS(Gan(o, 1, "x"), SettingError);
  o = tiny_wgan();
  o.batch = 1;
  CHECK_THROWS_AS(Gan(o, 1, "x"), SettingError);
  o = tiny_wgan();
  o.network.classes = -1;
  CHECK_THROWS_AS(Gan(o, 1, "x"), SettingError);
}

TEST_CASE("the class is a one-hot number beside z and a plane of ones beside the channels") {
  const Tensor labels = Tensor::from(std::vector<std::int32_t>{2, 0}, {2});
  const Tensor z = Tensor::from(std::vector<float>{.5f, -.5f}, {2, 1});
  CHECK(latent_with_class(z, labels, 3).shape() == Shape{2, 4});
  CHECK(latent_with_class(z, labels, 3).host() == std::vector<float>{.5f, 0, 0, 1, -.5f, 1, 0, 0});
  const Var images = Var::leaf(Tensor::from(std::vector<float>{.1f, .2f, .3f, .4f}, {2, 2, 1, 1}));
  const Var both = image_with_class(images, labels, 3);
  CHECK(both.shape() == Shape{2, 2, 1, 4});
  CHECK(both.value().host() == std::vector<float>{.1f, 0, 0, 1, .2f, 0, 0, 1,  //
                                                  .3f, 1, 0, 0, .4f, 1, 0, 0});
  CHECK(grad(both, {images})[0].value().host() == std::vector<float>(4, 1.0f));
}

TEST_CASE("without classes nothing is added, and a class that is not known is refused") {
  const Tensor z = Tensor::zeros({2, 3});
  CHECK(latent_with_class(z, {}, 0).data() == z.data());
  CHECK(image_with_class(Var(z), {}, 0).value().data() == z.data());
  CHECK_FALSE(same_label(4, 0, 0));
  CHECK(same_label(3, 1, 2).host<std::int32_t>() == std::vector<std::int32_t>{1, 1, 1});
  CHECK_THROWS_AS(same_label(3, 2, 2), UsageError);
  CHECK_THROWS_AS(same_label(3, -1, 2), UsageError);
}

TEST_CASE("a conditional GAN asks for classes") {
  GanOptions o = tiny_wgan();
  o.network.classes = 2;
  Gan gan(o, 1, "x");
  const Tensor real = Tensor::zeros({4, side, side, 1});
  CHECK_THROWS_AS(gan.step(real), UsageError);
  CHECK_THROWS_AS(gan.train_discriminator(real, Tensor::zeros({3}, DType::i32)), UsageError);
  CHECK_NOTHROW(gan.step(real, Tensor::zeros({4}, DType::i32)));
  CHECK_THROWS_AS(gan.step(Tensor::zeros({3, side, side, 1})), UsageError);
  Rng noise(1, "noise");
  CHECK_THROWS_AS(gan.sample(1, noise, 2), UsageError);
  CHECK_THROWS_AS(GanTraining(o, {}, resident(slopes(6, 1, 1), 1), 1, "x"), UsageError);
}
