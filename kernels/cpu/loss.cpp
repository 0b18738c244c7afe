// One logit a sample: too few for more than one thread. Sums are double, so that their order does
// not show.

#include <ganymede/kernels/functors.h>
#include <ganymede/kernels/loss.h>

namespace ganymede::kernels::cpu {

void binary_cross_entropy(Stream&, std::int64_t n, const float* logits, const float* targets,
                          float* loss, float* score, float* gradient) {
  const double share = 1.0 / static_cast<double>(n);
  double losses = 0.0, scores = 0.0;
  for (std::int64_t i = 0; i < n; ++i) {
    const float s = functor::sigmoid(logits[i]);
    losses += functor::softplus(logits[i]) - logits[i] * targets[i];
    scores += s;
    gradient[i] = (s - targets[i]) * static_cast<float>(share);
  }
  *loss = static_cast<float>(losses * share);
  *score = static_cast<float>(scores * share);
}

}  // namespace ganymede::kernels::cpu
