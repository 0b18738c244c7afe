#include <ganymede/models/classifier_scores.h>

#include <algorithm>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/models/pixels.h>

namespace ganymede {

std::vector<float> predict(Classifier& network, const Tensor& images, int input) {
  const Recording off(false);
  std::vector<float> result;
  constexpr std::int64_t chunk = 64;
  const std::int64_t n = images.shape()[0];
  for (std::int64_t i = 0; i < n; i += chunk) {
    const Tensor x = gather_images(images.slice(i, std::min(n, i + chunk)), Tensor(), input);
    const std::vector<float> part =
        exp(log_softmax(network.forward(x, Mode::inference))).value().host();
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

}  // namespace ganymede
