// Losses as folds (fold.cuh) that leave each element's gradient behind on their way.

#include <ganymede/kernels/functors.h>
#include <ganymede/kernels/loss.h>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

struct BinaryCrossEntropyFold {
  struct State {
    float loss, score;
  };
  static constexpr int unroll = 1;
  float share;
  const float *logits, *targets;
  float *loss, *score, *gradient;

  __device__ static State empty() { return {0.0f, 0.0f}; }
  __device__ static void merge(State& into, const State& from) {
    into.loss += from.loss;
    into.score += from.score;
  }
  __device__ void add(State& sum, std::int64_t, std::int64_t, std::int64_t i) const {
    const float l = logits[i], t = targets[i], s = functor::sigmoid(l);
    sum.loss += functor::softplus(l) - l * t;
    sum.score += s;
    gradient[i] = (s - t) * share;
  }
  __device__ void finish(std::int64_t, std::int64_t, const State& sum) const {
    *loss = sum.loss * share;
    *score = sum.score * share;
  }
};

}  // namespace

void binary_cross_entropy(Stream& stream, std::int64_t n, const float* logits, const float* targets,
                          float* loss, float* score, float* gradient) {
  fold(
      stream, {1, 1, n, FoldLayout::rows},
      BinaryCrossEntropyFold{1.0f / static_cast<float>(n), logits, targets, loss, score, gradient});
}

}  // namespace ganymede::kernels::cuda
