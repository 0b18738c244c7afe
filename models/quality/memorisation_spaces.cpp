#include <ganymede/models/quality/memorisation_judge.h>
#include <ganymede/models/quality/memorisation_spaces.h>

#include <algorithm>
#include <limits>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

void check_counts(const char* which, int images, const MirroredFeatures& features) {
  if (features.plain.count != images)
    throw ShapeError(fmt::format("memorisation audit: {} {} images, features of {}", images, which,
                                 features.plain.count));
}

/// "12 (3.0 expected, p = 0.02)".
std::string flagged_in_words(const Audit& audit) {
  return fmt::format("{} ({:.1f} expected, p = {:.2g})", audit.flagged_count,
                     audit.expected_share * double(audit.fakes.size()),
                     std::max(audit.p_binomial, audit.p_flagged));
}

std::string sentence_of(const TwoSpaceAudit& a, const AuditOptions& options) {
  const std::size_t fakes = a.pixels.fakes.size();
  if (a.verdict == MemorisationVerdict::copies)
    return fmt::format(
        "COPIES: {} of {} fakes are near-identical to a training image, {} in pixels and {} in "
        "features.",
        a.near_identical_count, fakes, a.pixels.near_identical_count,
        a.features.near_identical_count);
  if (!(a.pixels.distance_limit > 0))
    return fmt::format(
        "NO SIGN of copies: none of {} fakes is near-identical to a training image. Only {} "
        "held-out reals: too few to judge closeness by.",
        fakes, a.pixels.held_out.size());
  return fmt::format(
      "{}: of {} fakes closer to a training image than {:.4g} % of {} held-out reals are, in "
      "pixels {}, in features {}.",
      a.verdict == MemorisationVerdict::suspect ? "SUSPECT" : "NO SIGN of copies", fakes,
      100 * (1 - options.percentile), a.pixels.held_out.size(), flagged_in_words(a.pixels),
      flagged_in_words(a.features));
}

std::vector<bool> either(const std::vector<bool>& a, const std::vector<bool>& b) {
  std::vector<bool> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] || b[i];
  return result;
}

MemorisationVerdict worse(MemorisationVerdict a, MemorisationVerdict b) {
  using enum MemorisationVerdict;
  if (a == copies || b == copies) return copies;
  return a == suspect || b == suspect ? suspect : no_sign;
}

double closeness_of(const Nearest& nearest, const Audit& audit) {
  if (audit.near_identity_limit > 0) return nearest.distance / audit.near_identity_limit;
  return nearest.distance > 0 ? std::numeric_limits<double>::infinity() : 0;
}

std::vector<NearestPair> pairs_of(const Audit& audit, bool in_features) {
  std::vector<NearestPair> pairs;
  for (std::size_t i = 0; i < audit.fakes.size(); ++i)
    pairs.push_back({int(i), audit.fakes[i], in_features, closeness_of(audit.fakes[i], audit)});
  return pairs;
}

std::vector<NearestPair> closest(std::vector<NearestPair> pairs, int count) {
  std::ranges::stable_sort(pairs, {}, &NearestPair::closeness);
  if (pairs.size() > std::size_t(std::max(0, count))) pairs.resize(std::size_t(std::max(0, count)));
  return pairs;
}

}  // namespace

Audit audit_features(const MirroredFeatures& fakes, const MirroredFeatures& train,
                     const MirroredFeatures& held_out, std::span<const int> train_groups,
                     std::span<const int> held_out_groups, const AuditOptions& options) {
  check_audit_sizes(fakes.plain.count, train.plain.count);
  const auto own = groups_or_images(train_groups, train.plain.count);
  return judged({nearest_features(fakes, train.plain),
                 nearest_features(held_out, train.plain, held_out_groups, train_groups),
                 nearest_features(train, train.plain, own, own)},
                options, NearIdentity::where_reals_are_not);
}

TwoSpaceAudit audit_both_spaces(const ImageSet& fakes, const ImageSet& train,
                                const ImageSet& held_out, const MirroredFeatures& fake_features,
                                const MirroredFeatures& train_features,
                                const MirroredFeatures& held_out_features,
                                std::span<const int> train_groups,
                                std::span<const int> held_out_groups, const AuditOptions& options) {
  check_counts("fake", fakes.count, fake_features);
  check_counts("training", train.count, train_features);
  check_counts("held-out", held_out.count, held_out_features);
  AuditOptions each = options;
  each.alpha /= 2;
  TwoSpaceAudit result;
  result.pixels = audit_memorisation(fakes, train, held_out, train_groups, held_out_groups, each);
  result.features = audit_features(fake_features, train_features, held_out_features, train_groups,
                                   held_out_groups, each);
  result.flagged = either(result.pixels.flagged, result.features.flagged);
  result.near_identical = either(result.pixels.near_identical, result.features.near_identical);
  result.flagged_count = int(std::ranges::count(result.flagged, true));
  result.near_identical_count = int(std::ranges::count(result.near_identical, true));
  result.verdict = worse(result.pixels.verdict, result.features.verdict);
  result.sentence = sentence_of(result, options);
  return result;
}

std::vector<NearestPair> nearest_pairs(const Audit& audit, int count) {
  return closest(pairs_of(audit, false), count);
}

std::vector<NearestPair> nearest_pairs(const TwoSpaceAudit& audit, int count) {
  auto pairs = pairs_of(audit.pixels, false);
  const auto others = pairs_of(audit.features, true);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (others[i].closeness < pairs[i].closeness) pairs[i] = others[i];
  return closest(std::move(pairs), count);
}

}  // namespace ganymede::quality
