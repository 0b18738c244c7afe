#include <ganymede/models/conditioning.h>

#include <string>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

namespace ganymede {

Tensor latent_with_class(const Tensor& z, const Tensor& labels, int classes) {
  if (classes == 0) return z;
  const Recording off(false);
  return concat({Var(z), Var(one_hot(labels, classes))}).value();
}

Var image_with_class(const Var& images, const Tensor& labels, int classes) {
  if (classes == 0) return images;
  const Shape& s = images.shape();
  const Var flags(one_hot(labels, classes).reshape({s[0], 1, 1, classes}));
  return concat({images, expand(flags, {s[0], s[1], s[2], classes})});
}

Tensor same_label(std::int64_t n, int label, int classes) {
  if (classes == 0) return {};
  if (label < 0 || label >= classes)
    throw UsageError("gan: class " + std::to_string(label) + " of a generator that knows " +
                     std::to_string(classes));
  return Tensor::from(std::vector<std::int32_t>(std::size_t(n), label), {n});
}

}  // namespace ganymede
