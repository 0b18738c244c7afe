#pragma once
// Random fills from Philox. The counter lives on the device, so that a captured graph draws anew at
// each replay: element i reads block *counter + i / 4 (word i % 4), and each draw of n elements
// moves the counter on by the ceil(n / 4) blocks it took.

#include <cstdint>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/functors.h>
#include <ganymede/kernels/philox.h>

namespace ganymede::kernels {

struct RandomSource {
  std::uint64_t key;
  std::int64_t* counter;  ///< on the stream's device; below 2^48
};

/// y uniform in [low, high)
using Uniform = void(Stream&, std::int64_t n, RandomSource, float low, float high, float* y);
/// Box-Muller on the words of one block: elements 4j..4j+3 are two pairs (r cos a, r sin a), with
/// r = sqrt(-2 log(1 - unit_float(first word))), a = 2 pi unit_float(second word).
using Normal = void(Stream&, std::int64_t n, RandomSource, float mean, float deviation, float* y);
/// y = value with probability p, else 0.
using Bernoulli = void(Stream&, std::int64_t n, RandomSource, float p, float value, float* y);
/// y uniform in {0, ..., bound - 1}: high 32 bits of word * bound.
using UniformIndex = void(Stream&, std::int64_t n, RandomSource, std::int32_t bound,
                          std::int32_t* y);
/// y = activation(x) mask, n elements, with mask = 1 / keep where the word as a float in [0, 1) is
/// below keep, else 0.
struct DropoutShape {
  std::int64_t n;
  float keep;
  Activation activation = Activation::none;  ///< none or leaky_relu
  float slope = 0.0f;
};
/// *start (on the device) becomes the counter at which the draw began.
using Dropout = void(Stream&, const DropoutShape&, RandomSource, const float* x, float* y,
                     std::int64_t* start);
/// gx = gy mask activation'(x) for the draw that began at *start: to draw it again costs less than
/// to keep and read a mask. x is not read, and may be null, where there is no activation.
using DropoutGrad = void(Stream&, const DropoutShape&, std::uint64_t key, const std::int64_t* start,
                         const float* x, const float* gy, float* gx);
/// *counter += by
using Advance = void(Stream&, std::int64_t by, std::int64_t* counter);

namespace cpu {
Uniform uniform;
Normal normal;
Bernoulli bernoulli;
UniformIndex uniform_index;
Dropout dropout;
DropoutGrad dropout_grad;
Advance advance;
}  // namespace cpu
namespace cuda {
Uniform uniform;
Normal normal;
Bernoulli bernoulli;
UniformIndex uniform_index;
Dropout dropout;
DropoutGrad dropout_grad;
Advance advance;
}  // namespace cuda

inline constexpr Kernel<Uniform, cpu::uniform, cuda::uniform> uniform;
inline constexpr Kernel<Normal, cpu::normal, cuda::normal> normal;
inline constexpr Kernel<Bernoulli, cpu::bernoulli, cuda::bernoulli> bernoulli;
inline constexpr Kernel<UniformIndex, cpu::uniform_index, cuda::uniform_index> uniform_index;
inline constexpr Kernel<Dropout, cpu::dropout, cuda::dropout> dropout;
inline constexpr Kernel<DropoutGrad, cpu::dropout_grad, cuda::dropout_grad> dropout_grad;
inline constexpr Kernel<Advance, cpu::advance, cuda::advance> advance;

}  // namespace ganymede::kernels
