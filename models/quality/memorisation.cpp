#include <ganymede/models/quality/memorisation.h>
#include <ganymede/models/quality/memorisation_judge.h>
#include <ganymede/models/quality/significance.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

std::vector<double> distances_of(std::span<const Nearest> neighbours) {
  std::vector<double> result;
  for (const auto& n : neighbours)
    if (n.index >= 0) result.push_back(n.distance);
  return result;
}

std::vector<double> relatives_of(std::span<const Nearest> neighbours) {
  std::vector<double> result;
  for (const auto& n : neighbours)
    if (n.index >= 0) result.push_back(n.relative);
  return result;
}

double kth_smallest(std::vector<double> values, std::size_t k) {
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(k - 1), values.end());
  return values[k - 1];
}

void find_near_identical(Audit& audit) {
  for (const auto& fake : audit.fakes) {
    const bool near = fake.distance <= audit.near_identity_limit;
    audit.near_identical.push_back(near);
    audit.flagged.push_back(near);
    audit.near_identical_count += near;
  }
}

/// The chance that so many fakes were nearer than all but the equally near held-out reals.
double p_of_near_identical(const Audit& audit) {
  const auto distances = distances_of(audit.held_out);
  const auto near = std::ranges::count_if(
      distances, [&](double distance) { return distance <= audit.near_identity_limit; });
  if (near >= std::ptrdiff_t(distances.size())) return 1;
  return below_order_statistic_tail(audit.near_identical_count, std::int64_t(audit.fakes.size()),
                                    near + 1, std::int64_t(distances.size()));
}

/// Where reals lie as near by chance, nearness is no identity.
void withdraw_near_identical(Audit& audit) {
  audit.near_identical.assign(audit.fakes.size(), false);
  audit.flagged.assign(audit.fakes.size(), false);
  audit.near_identical_count = 0;
}

/// Flags what is closer than the held-out percentile, and tests how many there are.
void compare_with_held_out(Audit& audit, const AuditOptions& options) {
  const auto distances = distances_of(audit.held_out), relatives = relatives_of(audit.held_out);
  const auto reference = std::int64_t(distances.size());
  const auto trials = std::int64_t(audit.fakes.size());
  // A new real is below the k-th smallest of n with chance k / (n + 1).
  const auto k =
      std::max<std::int64_t>(1, std::int64_t(options.percentile * double(reference + 1)));
  audit.expected_share = double(k) / double(reference + 1);
  audit.distance_limit = kth_smallest(distances, std::size_t(k));
  audit.relative_limit = kth_smallest(relatives, std::size_t(k));
  std::int64_t both = 0;
  for (std::size_t i = 0; i < audit.fakes.size(); ++i) {
    const bool closer = audit.fakes[i].distance < audit.distance_limit;
    const bool specific = closer && audit.fakes[i].relative < audit.relative_limit;
    audit.closer_count += closer;
    both += specific;
    if (specific) audit.flagged[i] = true;
  }
  audit.p_binomial = binomial_tail(both, trials, audit.expected_share);
  audit.p_flagged = below_order_statistic_tail(both, trials, k, reference);
  audit.p_three_sample = rank_sum_smaller(relatives_of(audit.fakes), relatives).p;
}

std::string sentence_of(const Audit& audit, const AuditOptions& options, bool compared) {
  const auto fakes = audit.fakes.size();
  if (audit.verdict == MemorisationVerdict::copies)
    return fmt::format(
        "COPIES: {} of {} fakes are near-identical to a training image (distance at most {:.4f}, "
        "{:.4g} % of what is usual between patients).",
        audit.near_identical_count, fakes, audit.near_identity_limit, 100 * options.near_identical);
  if (!compared)
    return fmt::format(
        "NO SIGN of copies: none of {} fakes is near-identical to a training image. Only {} "
        "held-out "
        "reals: too few to judge closeness by.",
        fakes, audit.held_out.size());
  return fmt::format(
      "{}: {} of {} fakes are closer to a training image than {:.4g} % of {} held-out reals are "
      "({:.1f} expected, p = {:.2g}; three-sample test p = {:.2g}).",
      audit.verdict == MemorisationVerdict::suspect ? "SUSPECT" : "NO SIGN of copies",
      audit.flagged_count, fakes, 100 * (1 - options.percentile), audit.held_out.size(),
      audit.expected_share * double(fakes), std::max(audit.p_binomial, audit.p_flagged),
      audit.p_three_sample);
}

}  // namespace

std::string to_string(MemorisationVerdict verdict) {
  if (verdict == MemorisationVerdict::no_sign) return "NO SIGN";
  return verdict == MemorisationVerdict::copies ? "COPIES" : "SUSPECT";
}

std::vector<int> groups_or_images(std::span<const int> groups, int count) {
  std::vector<int> own(static_cast<std::size_t>(count));
  std::iota(own.begin(), own.end(), 0);
  if (!groups.empty()) own.assign(groups.begin(), groups.end());
  return own;
}

void check_audit_sizes(int fakes, int train) {
  if (train < 2 || fakes < 1)
    throw DataError(
        fmt::format("memorisation audit: {} fakes and {} training images; it needs at "
                    "least 1 and 2",
                    fakes, train));
}

Audit judged(Neighbours neighbours, const AuditOptions& options, NearIdentity near_identity) {
  Audit audit;
  audit.between_patients = distances_of(neighbours.train);
  if (audit.between_patients.empty())
    throw DataError("memorisation audit: all training images are of one patient; it needs two");
  std::ranges::sort(audit.between_patients);
  audit.near_identity_limit =
      options.near_identical * quantile_of_sorted(audit.between_patients, .5);
  audit.fakes = std::move(neighbours.fakes);
  audit.held_out = std::move(neighbours.held_out);
  find_near_identical(audit);
  audit.p_near_identical = p_of_near_identical(audit);
  if (near_identity == NearIdentity::where_reals_are_not && audit.p_near_identical >= options.alpha)
    withdraw_near_identical(audit);
  const bool compared = int(distances_of(audit.held_out).size()) >= options.fewest_held_out;
  if (compared) compare_with_held_out(audit, options);
  audit.flagged_count = int(std::ranges::count(audit.flagged, true));
  if (audit.near_identical_count > 0)
    audit.verdict = MemorisationVerdict::copies;
  else if (std::max(audit.p_binomial, audit.p_flagged) < options.alpha)
    audit.verdict = MemorisationVerdict::suspect;
  audit.sentence = sentence_of(audit, options, compared);
  return audit;
}

Audit audit_memorisation(const ImageSet& fakes, const ImageSet& train, const ImageSet& held_out,
                         std::span<const int> train_groups, std::span<const int> held_out_groups,
                         const AuditOptions& options) {
  check_audit_sizes(fakes.count, train.count);
  const auto own = groups_or_images(train_groups, train.count);
  return judged(
      {nearest_images(fakes, train), nearest_images(held_out, train, held_out_groups, train_groups),
       nearest_images(train, train, own, own)},
      options, NearIdentity::always);
}

}  // namespace ganymede::quality
