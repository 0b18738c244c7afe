#pragma once
// What the encoder's tests share: a small encoder, spaces to be searched, pictures.

#include <vector>

#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/models/encoder_training.h>
#include <ganymede/models/search_space.h>

#include "gan_support.h"

namespace ganymede::test {

inline LatentEncoderOptions tiny_encoder() {
  LatentEncoderOptions o;
  o.network = {.size = side, .width = 4, .slope = 0.2f, .bn_epsilon = 1e-5f, .normal_init = true};
  o.batch = 8;
  o.learning_rate = 1e-3f;
  o.at_once = 4;
  return o;
}

/// G(z) = z A, beside it a share of the image that was asked for; f(x) = 2 x.
inline SearchSpace plane(float of_query = 0.0f) {
  Rng rng(3, "plane");
  const Var a(rng.normal({2, side * side}));
  return {.latent = 2,
          .generate =
              [=](const Tensor& queries, const Var& z) {
                const Var made = reshape(matmul(z, a), {z.shape()[0], side, side, 1});
                return of_query == 0.0f ? made : combine(made, 0.3f, Var(queries), of_query);
              },
          .features = [](const Var& x) { return scale(x, 2.0f); }};
}

/// A GAN that has learnt a little, and its space.
struct TrainedGan {
  Gan gan{tiny_dcgan(), 4, "gan"};
  SearchSpace space;
  TrainedGan() {
    const Tensor images = Tensor::from(slopes(40, 1, 2), {40, side, side, 1});
    // Long enough for the moving statistics, without which z hardly shows in the images.
    for (int i = 0; i < 40; ++i) gan.step(images.slice(i % 10 * 4, i % 10 * 4 + 4));
    space = search_space(gan, "");
  }
  std::vector<float> state() {
    std::vector<float> all;
    for (Module* m :
         {static_cast<Module*>(&gan.generator()), static_cast<Module*>(&gan.discriminator())})
      for (const NamedState& s : state_of(*m))
        if (s.role != NamedState::Role::progress)
          for (float v : s.tensor.host()) all.push_back(v);
    return all;
  }
};

inline Tensor pictures(int count, std::uint64_t seed) {
  return Tensor::from(slopes(count, 1, seed), {count, side, side, 1});
}

}  // namespace ganymede::test
