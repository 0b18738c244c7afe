#pragma once
// What a search for latent vectors gives, however it searches: by gradients (latent_search.h) or by
// an encoder (latent_encoder.h).

#include <cstdint>
#include <functional>
#include <vector>

#include <ganymede/engine/var.h>

namespace ganymede {

/// What is searched. Both functions must treat each image of the batch for itself, as networks in
/// inference mode do, and change nothing.
struct SearchSpace {
  std::int64_t latent = 0;  ///< length of z
  /// z (N x latent) -> images (N x H x W x C); the queries (N x H x W x C) are for generators that
  /// take an image beside z.
  std::function<Var(const Tensor& queries, const Var& z)> generate;
  /// What the discriminator makes of images: N x anything.
  std::function<Var(const Var& images)> features;
};

/// What was found for one query. Sums, not means: R = sum |x - G(z)|, D = sum |f(x) - f(G(z))|, A =
/// (1 - l) R + l D (paper 002, equations 2 to 4, and Schlegl et al. 2017).
struct LatentMatch {
  double residual = 0, discrimination = 0, score = 0;
  int steps = 0;  ///< updates until the best was found; 0 where an encoder answered
};

struct LatentMatches {
  std::vector<LatentMatch> matches;  ///< one a query
  Tensor z;                          ///< N x latent, the best found
  Tensor images;                     ///< G(z): N x H x W x C
};

/// R, D and A of LatentMatch for a batch: N values each, differentiable by what `images` came from.
struct LatentDistances {
  Var residual, discrimination, score;
};

/// Of images (N x H x W x C) from their queries; `features` are query_features(space, queries), l
/// is `feature_weight`.
LatentDistances latent_distances(const SearchSpace& space, const Var& images, const Tensor& queries,
                                 const Tensor& features, float feature_weight);

/// f(x), N x everything else; nothing is recorded.
Tensor query_features(const SearchSpace& space, const Tensor& queries);

/// At most `size` images, filled up with the first one: batches of one size give every query the
/// same bits, whatever the number of queries is.
Tensor filled_up(const Tensor& images, std::int64_t size);

/// Throws ShapeError, naming `who`, where queries are no images (N x H x W x C, N at least 1).
void require_images(const Tensor& queries, const char* who);

}  // namespace ganymede
