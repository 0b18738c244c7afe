#pragma once
// How far a float result may be from the double oracle: k eps sum|terms|, where sum|terms| is what
// the oracle gives when nothing cancels. k is per family; it covers the order of summation, fused
// multiply-adds and the few ulp of a device's transcendental functions.

namespace ganymede::test::tolerance {

inline constexpr double eps = 0x1p-23;
inline constexpr double eps64 = 0x1p-52;  ///< for kernels whose results are double

inline constexpr double exact = 0.0;      ///< moves and copies
inline constexpr double pointwise = 8.0;  ///< a few ulp per function, several per second derivative
inline constexpr double reduce = 8.0;
inline constexpr double gemm = 16.0;
inline constexpr double conv = 16.0;
/// Two operands, each cut by less than a unit of its tenth mantissa bit, beside products of them.
inline constexpr double tf32_truncation = (2 * 0x1p-10 + 0x1p-20) / eps;
inline constexpr double minimal_filtering = 64.0;  ///< Winograd's transforms amplify rounding
inline constexpr double vendor = 512.0;            ///< cuDNN may take transforms of whole images
inline constexpr double resample = 8.0;
inline constexpr double warp = 64.0;       ///< source coordinates of a few pixels round, too
inline constexpr double norm = 64.0;       ///< cancellation in x - mean and in the projections
inline constexpr double attention = 32.0;  ///< exponentials of sums, quotients of sums of them
inline constexpr double ssim = 64.0;       ///< variances as differences of means of squares
inline constexpr double optimizer = 8.0;

}  // namespace ganymede::test::tolerance
