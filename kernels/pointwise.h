#pragma once
// Elementwise kernels over n contiguous f32. An output may be one of the inputs (in place).

#include <cstdint>
#include <span>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/functors.h>

namespace ganymede::kernels {

using Fill = void(Stream&, std::int64_t n, float value, float* y);
using Unary = void(Stream&, std::int64_t n, const float* x, float* y);
using UnaryScalar = void(Stream&, std::int64_t n, const float* x, float a, float* y);
using UnaryScalars = void(Stream&, std::int64_t n, const float* x, float a, float b, float* y);
using Binary = void(Stream&, std::int64_t n, const float* x, const float* z, float* y);
using BinaryScalar = void(Stream&, std::int64_t n, const float* x, const float* z, float a,
                          float* y);
using BinaryScalars = void(Stream&, std::int64_t n, const float* x, const float* z, float a,
                           float b, float* y);

/// y = leaky_relu(x_1 + ... + x_k, slope), terms added from left to right; a slope of 1 gives the
/// sum itself. With a gate the sum times leaky_relu's derivative there, (x_1 + ... + x_k) where
/// gate > 0, else slope times it. 1 to most_terms terms.
inline constexpr std::size_t most_terms = 8;
using AddAll = void(Stream&, std::int64_t n, std::span<const float* const> terms, float slope,
                    const float* gate, float* y);

/// *to += *from, f32 on the device.
struct ScalarSum {
  const float* from;
  float* to;
};
/// All of them in one launch; no two have the same `to`.
using Accumulate = void(Stream&, std::span<const ScalarSum>);

namespace cpu {
Fill fill;
UnaryScalars affine;
Unary exp, log, sqrt, abs, sign, tanh, sigmoid, softplus;
UnaryScalar power, leaky_relu;
UnaryScalars clamp, inside;
Binary add, sub, mul, div, tanh_grad, sigmoid_grad;
BinaryScalar leaky_relu_grad;
BinaryScalars combine;
AddAll add_all;
Accumulate accumulate;
}  // namespace cpu
namespace cuda {
Fill fill;
UnaryScalars affine;
Unary exp, log, sqrt, abs, sign, tanh, sigmoid, softplus;
UnaryScalar power, leaky_relu;
UnaryScalars clamp, inside;
Binary add, sub, mul, div, tanh_grad, sigmoid_grad;
BinaryScalar leaky_relu_grad;
BinaryScalars combine;
AddAll add_all;
Accumulate accumulate;
}  // namespace cuda

inline constexpr Kernel<Fill, cpu::fill, cuda::fill> fill;                ///< y = value
inline constexpr Kernel<UnaryScalars, cpu::affine, cuda::affine> affine;  ///< y = a x + b
inline constexpr Kernel<Unary, cpu::exp, cuda::exp> exp;
inline constexpr Kernel<Unary, cpu::log, cuda::log> log;
inline constexpr Kernel<Unary, cpu::sqrt, cuda::sqrt> sqrt;
inline constexpr Kernel<Unary, cpu::abs, cuda::abs> abs;
inline constexpr Kernel<Unary, cpu::sign, cuda::sign> sign;  ///< -1, 0 or 1
inline constexpr Kernel<Unary, cpu::tanh, cuda::tanh> tanh;
inline constexpr Kernel<Unary, cpu::sigmoid, cuda::sigmoid> sigmoid;
inline constexpr Kernel<Unary, cpu::softplus, cuda::softplus> softplus;  ///< log(1 + e^x)
inline constexpr Kernel<UnaryScalar, cpu::power, cuda::power>
    power;  ///< x^a; x >= 0 unless a is an integer
inline constexpr Kernel<UnaryScalar, cpu::leaky_relu, cuda::leaky_relu> leaky_relu;  ///< a: slope
inline constexpr Kernel<UnaryScalars, cpu::clamp, cuda::clamp> clamp;  ///< min(max(x, a), b)
inline constexpr Kernel<UnaryScalars, cpu::inside, cuda::inside>
    inside;  ///< 1 where a <= x <= b, else 0
inline constexpr Kernel<Binary, cpu::add, cuda::add> add;
inline constexpr Kernel<Binary, cpu::sub, cuda::sub> sub;
inline constexpr Kernel<Binary, cpu::mul, cuda::mul> mul;
inline constexpr Kernel<Binary, cpu::div, cuda::div> div;
inline constexpr Kernel<Binary, cpu::tanh_grad, cuda::tanh_grad>
    tanh_grad;  ///< z (1 - x^2), x = tanh(.)
inline constexpr Kernel<Binary, cpu::sigmoid_grad, cuda::sigmoid_grad>
    sigmoid_grad;  ///< z x (1 - x), x = sigmoid(.)
/// y = z where x > 0, else a z. x may be the input of leaky_relu or, for a >= 0, its output, which
/// is above 0 exactly where the input is.
inline constexpr Kernel<BinaryScalar, cpu::leaky_relu_grad, cuda::leaky_relu_grad> leaky_relu_grad;
inline constexpr Kernel<BinaryScalars, cpu::combine, cuda::combine> combine;  ///< y = a x + b z

inline constexpr Kernel<AddAll, cpu::add_all, cuda::add_all> add_all;
inline constexpr Kernel<Accumulate, cpu::accumulate, cuda::accumulate> accumulate;

}  // namespace ganymede::kernels
