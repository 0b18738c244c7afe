#include <ganymede/engine/init.h>

#include <cmath>

namespace ganymede {

Tensor initial(const Shape& shape, Init init, Fans fans, Rng& rng) {
  switch (init) {
    case Init::glorot_uniform: {
      const float bound = static_cast<float>(std::sqrt(6.0 / (fans.in + fans.out)));
      return rng.uniform(shape, -bound, bound);
    }
    case Init::he_normal:
      return rng.normal(shape, 0.0f, static_cast<float>(std::sqrt(2.0 / fans.in)));
    case Init::normal_02:
      return rng.normal(shape, 0.0f, 0.02f);
    case Init::ones:
      return Tensor::full(shape, 1.0f);
    case Init::zeros:
      break;
  }
  return Tensor::zeros(shape);
}

}  // namespace ganymede
