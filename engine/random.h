#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ganymede/engine/tensor.h>
#include <ganymede/kernels/random.h>

namespace ganymede {

/// A stream of random numbers named by a path ("gan/hemorrhage/noise") and a seed. Streams of
/// different paths are independent; the order in which several streams are drawn from changes
/// nothing. The position lives on the device and moves with each draw, also inside a captured
/// graph. A copy shares it: what either draws, the other does not draw again. To begin anew, make
/// the stream anew.
class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view path);
  /// The stream of path + "/" + name, at its beginning.
  Rng child(std::string_view name) const;

  Tensor uniform(const Shape& shape, float low = 0.0f, float high = 1.0f);
  Tensor normal(const Shape& shape, float mean = 0.0f, float deviation = 1.0f);
  /// `value` with probability p, else 0.
  Tensor bernoulli(const Shape& shape, float p, float value = 1.0f);
  /// i32 in [0, bound). Throws UsageError for a bound below 1.
  Tensor indices(std::int64_t count, std::int32_t bound);

  /// Where the next draw of a kernel starts; the kernel moves the position on.
  kernels::RandomSource source();

  /// How many blocks of four numbers were drawn (i64, one element, on the device), by copies too:
  /// state to save.
  Tensor& position() { return position_; }
  const std::string& path() const { return path_; }
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_, key_;
  std::string path_;
  Tensor position_;
};

}  // namespace ganymede
