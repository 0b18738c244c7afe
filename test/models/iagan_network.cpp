// Paper 002's networks: parameter counts, extents, what image and noise do.

#include <catch2/catch.hpp>

#include <algorithm>

#include <ganymede/engine/describe.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/iagan.h>
#include <ganymede/models/self_attention.h>

#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

const GanNetworkOptions full{.size = 64, .latent = 125, .width = 64, .slope = 0.2f};
const GanNetworkOptions small{.size = 16, .latent = 3, .width = 8, .slope = 0.2f};

}  // namespace

TEST_CASE("parameters of paper 002's GAN") {
  const Rng rng(0, "counts");
  CHECK(count_parameters(*iagan_generator(full, rng)).trainable == 2'724'915);
  CHECK(count_parameters(*iagan_discriminator(full, rng)).trainable == 2'763'585);
}

TEST_CASE("every convolution of attention and of the inception blocks is listed with its extents") {
  const auto rows = describe(*iagan_generator(full, Rng(0, "list")), {1, 64 * 64 + 125});
  CHECK(total(rows).trainable == 2'724'915);
  // Encoder 3, attention 2 x 3, four levels of 1 and of 8 in a block, the image.
  CHECK(std::count_if(rows.begin(), rows.end(), [](const LayerRow& row) {
          return row.kind.ends_with("Conv2D") && row.output.rank() == 4;
        }) == 3 + 2 * 3 + 4 * (1 + 8) + 1);
}

TEST_CASE("the generator takes a row of image and noise and gives an image of it") {
  const OneThread quick;
  const auto generator = iagan_generator(small, Rng(1, "g"));
  Rng rng(2, "input");
  const Tensor x = rng.uniform({2, 16, 16, 1}, -1.0f, 1.0f), z = rng.normal({2, 3});
  const Var row = image_with_noise(Var(x), Var(z));
  CHECK(row.shape() == Shape{2, 16 * 16 + 3});
  CHECK(generator->output_shape(row.shape()) == Shape{2, 16, 16, 1});
  const auto image = [&](const Var& images, const Var& noise) {
    return generator->forward(image_with_noise(images, noise), Mode::inference).value().host();
  };
  const auto first = image(Var(x), Var(z));
  CHECK(first.size() == 2 * 16 * 16);
  // Both count.
  CHECK(first != image(Var(rng.uniform({2, 16, 16, 1}, -1.0f, 1.0f)), Var(z)));
  CHECK(first != image(Var(x), Var(rng.normal({2, 3}))));
  CHECK_THROWS_WITH(generator->output_shape({2, 16 * 16}), Contains("noise"));
}

TEST_CASE("extents that the networks cannot have are refused") {
  const Rng rng(0, "x");
  GanNetworkOptions o = small;
  o.size = 20;
  CHECK_THROWS_WITH(iagan_generator(o, rng), Contains("data.size = 20"));
  o = small;
  o.width = 12;
  CHECK_THROWS_WITH(iagan_discriminator(o, rng), Contains("gan.width = 12"));
  o = small;
  o.classes = 2;
  CHECK_THROWS_AS(iagan_generator(o, rng), SettingError);
  CHECK_THROWS_AS(SelfAttention(12, Init::glorot_uniform, rng), SettingError);
}

TEST_CASE("self-attention begins as the identity and learns its weight") {
  SelfAttention layer(8, Init::glorot_uniform, Rng(3, "attention"));
  Rng rng(4, "x");
  const Tensor x = rng.normal({2, 3, 5, 8});
  const Var y = layer.forward(Var(x), Mode::training);
  CHECK(y.value().host() == x.host());
  const Vars weights = parameters(layer);
  const Vars gradients = grad(sum(square(y)), {weights.back()});
  CHECK(gradients[0].value().item() != 0.0f);
  Var gamma = weights.back();
  gamma.mutable_value().assign(std::vector<float>{0.5f});
  CHECK(layer.forward(Var(x), Mode::training).value().host() != x.host());
}
