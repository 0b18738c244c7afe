#pragma once
// Losses whose value, gradient and by-products come out of one pass.

#include <cstdint>

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// Of logits l and targets t in [0, 1], n >= 1 of each, with s = sigmoid:
///   loss [1] = mean of softplus(l) - l t = mean of -t log s(l) - (1 - t) log(1 - s(l)),
///   score [1] = mean of s(l),   gradient [n] = (s(l) - t) / n.
using BinaryCrossEntropy = void(Stream&, std::int64_t n, const float* logits, const float* targets,
                                float* loss, float* score, float* gradient);

namespace cpu {
BinaryCrossEntropy binary_cross_entropy;
}
namespace cuda {
BinaryCrossEntropy binary_cross_entropy;
}
inline constexpr Kernel<BinaryCrossEntropy, cpu::binary_cross_entropy, cuda::binary_cross_entropy>
    binary_cross_entropy;

}  // namespace ganymede::kernels
