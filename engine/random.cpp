#include <ganymede/engine/random.h>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/random.h>

namespace ganymede {

Rng::Rng(std::uint64_t seed, std::string_view path)
    : seed_(seed),
      key_(kernels::key_of(path, seed)),
      path_(path),
      position_(Tensor::zeros({1}, DType::i64)) {}

Rng Rng::child(std::string_view name) const { return {seed_, path_ + "/" + std::string(name)}; }

void Rng::advance(std::int64_t count) {
  kernels::advance(current_stream(), (count + 3) / 4, position_.data<std::int64_t>());
  position_.bump_version();
}

Tensor Rng::uniform(const Shape& shape, float low, float high) {
  Tensor y(shape);
  kernels::uniform(current_stream(), y.elements(), {key_, position_.data<std::int64_t>()}, low,
                   high, y.data());
  advance(y.elements());
  return y;
}

Tensor Rng::normal(const Shape& shape, float mean, float deviation) {
  Tensor y(shape);
  kernels::normal(current_stream(), y.elements(), {key_, position_.data<std::int64_t>()}, mean,
                  deviation, y.data());
  advance(y.elements());
  return y;
}

Tensor Rng::bernoulli(const Shape& shape, float p, float value) {
  Tensor y(shape);
  kernels::bernoulli(current_stream(), y.elements(), {key_, position_.data<std::int64_t>()}, p,
                     value, y.data());
  advance(y.elements());
  return y;
}

Tensor Rng::indices(std::int64_t count, std::int32_t bound) {
  if (bound < 1)
    throw UsageError("random: indices below " + std::to_string(bound) + " do not exist");
  Tensor y({count}, DType::i32);
  kernels::uniform_index(current_stream(), count, {key_, position_.data<std::int64_t>()}, bound,
                         y.data<std::int32_t>());
  advance(count);
  return y;
}

}  // namespace ganymede
