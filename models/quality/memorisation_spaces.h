#pragma once

#include <ganymede/models/quality/memorisation.h>

#include <span>
#include <string>
#include <vector>

namespace ganymede::quality {

/// The audit in a space of features: finds what pixels miss, a training image shifted or brightened
/// a little. Distances are nearest_features'. As audit_memorisation, but for near-identity:
/// features may be blind to what tells patients apart, so it counts only where more fakes are that
/// near than held-out reals are (exact test at `alpha`); otherwise no fake is called
/// near-identical. Of `train` and `held_out` the mirrored features are needed too. Errors as
/// audit_memorisation, ShapeError for other dims.
Audit audit_features(const MirroredFeatures& fakes, const MirroredFeatures& train,
                     const MirroredFeatures& held_out, std::span<const int> train_groups = {},
                     std::span<const int> held_out_groups = {}, const AuditOptions& options = {});

/// Both spaces, one verdict: the worse of the two. Each is tested at half of `alpha`, so that two
/// looks condemn an innocent generator no more often than one.
struct TwoSpaceAudit {
  Audit pixels, features;
  MemorisationVerdict verdict = MemorisationVerdict::no_sign;
  std::string sentence;
  std::vector<bool> flagged;         ///< per fake, in either space
  std::vector<bool> near_identical;  ///< per fake, in either space
  int flagged_count = 0;
  int near_identical_count = 0;
};

/// Images and features of the same fakes, training and held-out images, in the same order. Throws
/// ShapeError where the features are of other counts; else as both audits.
TwoSpaceAudit audit_both_spaces(const ImageSet& fakes, const ImageSet& train,
                                const ImageSet& held_out, const MirroredFeatures& fake_features,
                                const MirroredFeatures& train_features,
                                const MirroredFeatures& held_out_features,
                                std::span<const int> train_groups = {},
                                std::span<const int> held_out_groups = {},
                                const AuditOptions& options = {});

/// A fake beside its nearest training image, for a page.
struct NearestPair {
  int fake = 0;
  Nearest training;
  bool in_features = false;  ///< the space of `training`
  double closeness = 0;      ///< distance over that space's near_identity_limit: 1 and below is
                             ///< near-identical
};

/// The closest `count` fakes, closest first, the first of equals first.
std::vector<NearestPair> nearest_pairs(const Audit& audit, int count = 20);
/// The same over both spaces: each fake once, in the space where it is closer.
std::vector<NearestPair> nearest_pairs(const TwoSpaceAudit& audit, int count = 20);

}  // namespace ganymede::quality
