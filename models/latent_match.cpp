#include <ganymede/models/latent_match.h>

#include <string>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

namespace ganymede {

LatentDistances latent_distances(const SearchSpace& space, const Var& images, const Tensor& queries,
                                 const Tensor& features, float feature_weight) {
  const Var of_pixels = sum_samples(abs(sub(images, Var(queries))));
  const Var of_features = sum_samples(abs(sub(flatten(space.features(images)), Var(features))));
  return {of_pixels, of_features,
          combine(of_pixels, 1.0f - feature_weight, of_features, feature_weight)};
}

Tensor query_features(const SearchSpace& space, const Tensor& queries) {
  const Recording off(false);
  return flatten(space.features(Var(queries))).value();
}

Tensor filled_up(const Tensor& images, std::int64_t size) {
  std::vector<std::int32_t> rows(std::size_t(size), 0);
  for (std::int32_t i = 0; i < images.shape()[0]; ++i) rows[std::size_t(i)] = i;
  return gather(images, Tensor::from(rows, {size}));
}

void require_images(const Tensor& queries, const char* who) {
  const Shape& extents = queries.shape();
  if (extents.rank() != 4 || extents[0] < 1)
    throw ShapeError(std::string(who) + ": " + to_string(extents) +
                     " are no images (N x H x W x C)");
}

}  // namespace ganymede
