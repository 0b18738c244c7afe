#pragma once

#include <ganymede/models/quality/frechet_estimate.h>
#include <ganymede/models/quality/manifold.h>

#include <optional>
#include <span>
#include <string>

namespace ganymede::quality {

/// All that compares two sets in one space of features. A number without its space means nothing,
/// hence the names beside it.
struct SetScores {
  std::string features;  ///< "raw pixels", "Inception-v3 Mixed_6e", ... as the caller names them
  std::string resize;    ///< how images got to the extractor's size, or "none"
  int real = 0, fake = 0, dims = 0;
  std::string refusal;  ///< why there is no distance (set_size.h); "" where there are
  std::optional<FrechetEstimate> frechet;
  std::optional<Kid> kid;
  std::optional<PrecisionRecall> manifold;  ///< none where a set has no k-th neighbours
  std::optional<DensityCoverage> density;

  /// A line for each measure, ready to print, each with features, dims, counts and resize.
  std::string in_words() const;
};

struct SetScoreOptions {
  FrechetOptions frechet;
  int kid_subsets = 100;
  int manifold_neighbours = 3, density_neighbours = 5;
};

/// Frechet distance with its intervals, KID, precision and recall, density and coverage. Fewer than
/// 50 images a side: the reason in place of the distances. Deterministic by
/// `options.frechet.seed`. Throws as the measures do for features of other dims, fewer than 2
/// images or groups that do not fit.
SetScores set_scores(const Features& real, const Features& fake, const std::string& features,
                     const std::string& resize, std::span<const int> real_groups = {},
                     std::span<const int> fake_groups = {}, const SetScoreOptions& options = {});

}  // namespace ganymede::quality
