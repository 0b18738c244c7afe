#include <ganymede/engine/random.h>

#include <ganymede/kernels/error.h>

namespace ganymede {

Rng::Rng(std::uint64_t seed, std::string_view path)
    : seed_(seed),
      key_(kernels::key_of(path, seed)),
      path_(path),
      position_(Tensor::zeros({1}, DType::i64)) {}

Rng Rng::child(std::string_view name) const { return {seed_, path_ + "/" + std::string(name)}; }

kernels::RandomSource Rng::source() {
  position_.bump_version();
  return {key_, position_.data<std::int64_t>()};
}

Tensor Rng::uniform(const Shape& shape, float low, float high) {
  Tensor y(shape);
  kernels::uniform(current_stream(), y.elements(), source(), low, high, y.data());
  return y;
}

Tensor Rng::normal(const Shape& shape, float mean, float deviation) {
  Tensor y(shape);
  kernels::normal(current_stream(), y.elements(), source(), mean, deviation, y.data());
  return y;
}

Tensor Rng::bernoulli(const Shape& shape, float p, float value) {
  Tensor y(shape);
  kernels::bernoulli(current_stream(), y.elements(), source(), p, value, y.data());
  return y;
}

Tensor Rng::indices(std::int64_t count, std::int32_t bound) {
  if (bound < 1)
    throw UsageError("random: indices below " + std::to_string(bound) + " do not exist");
  Tensor y({count}, DType::i32);
  kernels::uniform_index(current_stream(), count, source(), bound, y.data<std::int32_t>());
  return y;
}

}  // namespace ganymede
