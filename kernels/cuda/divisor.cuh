#pragma once
// Division by a number that the host knows, as a multiplication (Granlund & Montgomery 1994).

#include <cuda_runtime.h>

#include <cstdint>

namespace ganymede::kernels::cuda {

/// n / d for 0 <= n < 2^31 and 1 <= d < 2^31.
class Divisor {
 public:
  Divisor() = default;
  explicit Divisor(int divisor) : divisor_(static_cast<std::uint32_t>(divisor)) {
    while ((std::uint64_t{1} << shift_) < divisor_) ++shift_;
    const std::uint64_t rest = (std::uint64_t{1} << shift_) - divisor_;
    factor_ = static_cast<std::uint32_t>((rest << 32) / divisor_ + 1);
  }
  __host__ __device__ int quotient(int n) const {
    const auto u = static_cast<std::uint32_t>(n);
    const auto high = static_cast<std::uint32_t>((std::uint64_t{u} * factor_) >> 32);
    return static_cast<int>((high + u) >> shift_);
  }
  __host__ __device__ int value() const { return static_cast<int>(divisor_); }

 private:
  std::uint32_t divisor_ = 1, factor_ = 1, shift_ = 0;
};

}  // namespace ganymede::kernels::cuda
