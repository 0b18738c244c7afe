#pragma once
// Initial weights. Fans follow Keras: fan_in = kernel_h kernel_w in, fan_out = kernel_h kernel_w
// out.

#include <ganymede/engine/random.h>
#include <ganymede/engine/tensor.h>

namespace ganymede {

enum class Init : std::uint8_t {
  glorot_uniform,  ///< U(-a, a), a = sqrt(6 / (fan_in + fan_out)); Glorot & Bengio 2010, Keras's
                   ///< default
  he_normal,       ///< N(0, 2 / fan_in); He et al. 2015
  normal_02,       ///< N(0, 0.02); Radford et al. 2016
  zeros,
  ones,
};

struct Fans {
  double in, out;
};

Tensor initial(const Shape& shape, Init init, Fans fans, Rng& rng);

}  // namespace ganymede
