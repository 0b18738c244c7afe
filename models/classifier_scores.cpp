#include <ganymede/models/classifier_scores.h>

#include <algorithm>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/models/pixels.h>

namespace ganymede {
namespace {

template <class Forward>
std::vector<float> in_chunks(const Tensor& images, int input, Forward forward) {
  const Recording off(false);
  std::vector<float> result;
  constexpr std::int64_t chunk = 64;
  const std::int64_t n = images.shape()[0];
  for (std::int64_t i = 0; i < n; i += chunk) {
    const std::int64_t end = std::min(n, i + chunk);
    const std::vector<float> part =
        forward(gather_images(images.slice(i, end), Tensor(), input)).value().host();
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

}  // namespace

std::vector<float> predict(Classifier& network, const Tensor& images, int input) {
  return in_chunks(images, input, [&](const Tensor& x) {
    return exp(log_softmax(network.forward(x, Mode::inference)));
  });
}

std::vector<float> extract_features(Classifier& network, const Tensor& images, int input) {
  return in_chunks(images, input,
                   [&](const Tensor& x) { return network.features(x, Mode::inference); });
}

}  // namespace ganymede
