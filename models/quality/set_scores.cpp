#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/set_scores.h>
#include <ganymede/models/quality/set_size.h>

#include <algorithm>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

void check(const Features& real, const Features& fake) {
  if (real.dims != fake.dims)
    throw ShapeError(
        fmt::format("scores: real images have {} features, fakes {}; both want the same extractor",
                    real.dims, fake.dims));
  if (std::min(real.count, fake.count) < 2)
    throw DataError(fmt::format("scores: {} real images and {} fakes; each side wants at least 2",
                                real.count, fake.count));
}

std::string in_words(const Kid& kid) {
  const std::string spread = kid.subsets > 1 ? fmt::format("sd {:.2g} between {} subsets of {}",
                                                           kid.sd, kid.subsets, kid.subset_size)
                                             : fmt::format("all {} of both", kid.subset_size);
  return fmt::format("{:.4g} (standard error {:.2g}; {})", kid.mean, kid.standard_error, spread);
}

}  // namespace

std::string SetScores::in_words() const {
  const std::string space = fmt::format("on {}, d = {}, {} real against {} fakes, resize {}",
                                        features, dims, real, fake, resize);
  std::string text;
  if (!refusal.empty()) text += "no Frechet distance and no KID: " + refusal + "\n";
  if (frechet) text += fmt::format("Frechet distance {}: {}\n", space, frechet->in_words());
  if (kid) text += fmt::format("KID {}: {}\n", space, quality::in_words(*kid));
  if (manifold)
    text += fmt::format("precision {:.3f}, recall {:.3f} (k = {}) {}\n", manifold->precision,
                        manifold->recall, manifold->neighbours, space);
  if (density)
    text += fmt::format("density {:.3f}, coverage {:.3f} (k = {}) {}\n", density->density,
                        density->coverage, density->neighbours, space);
  return text;
}

SetScores set_scores(const Features& real, const Features& fake, const std::string& features,
                     const std::string& resize, std::span<const int> real_groups,
                     std::span<const int> fake_groups, const SetScoreOptions& options) {
  check(real, fake);
  SetScores scores;
  scores.features = features, scores.resize = resize;
  scores.real = real.count, scores.fake = fake.count, scores.dims = real.dims;
  scores.refusal = too_few_for_distance(real.count, fake.count);
  if (scores.refusal.empty()) {
    scores.frechet = frechet_estimate(real, fake, real_groups, fake_groups, options.frechet);
    scores.kid = kid(real, fake, options.kid_subsets, options.frechet.seed);
  }
  const int least = std::min(real.count, fake.count);
  if (least > options.manifold_neighbours)
    scores.manifold = precision_recall(real, fake, options.manifold_neighbours);
  if (least > options.density_neighbours)
    scores.density = density_coverage(real, fake, options.density_neighbours);
  return scores;
}

}  // namespace ganymede::quality
