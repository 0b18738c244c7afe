#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/quality/verdict.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

std::string metric_in_words(const VerdictRules& rules) {
  const bool several = rules.classes > 2;
  switch (rules.metric) {
    case Metric::auc:
      return several ? "macro AUC" : "AUC";
    case Metric::f1:
      return several ? "macro F1" : "F1";
    case Metric::balanced_accuracy:
      return "balanced accuracy";
    case Metric::kappa:
      return "quadratic-weighted kappa";
    default:
      return to_string(rules.metric);
  }
}

std::string seeds_in_words(int seeds) {
  return fmt::format("{} seed{}", seeds, seeds == 1 ? "" : "s");
}

bool excludes_zero(const Interval& interval) { return interval.low > 0 || interval.high < 0; }

Outcome outcome_of(const VerdictRules& rules, const NetworkVerdict& network, int seeds) {
  const auto& difference = network.comparison.difference;
  if (seeds < rules.fewest_seeds || network.p_holm >= rules.alpha ||
      !excludes_zero(difference.interval))
    return Outcome::no_evidence;
  return difference.interval.low > 0 ? Outcome::helps : Outcome::hurts;
}

/// "resnet50: AUC 0.842 with classic+gan, 0.801 with classic, difference +0.041 (95 % interval
/// -0.012 to +0.093, p = 0.13)".
std::string numbers_of(const Verdict& verdict, const NetworkVerdict& network) {
  const auto& c = network.comparison;
  return fmt::format(
      "{}: {} {:.3f} with {}, {:.3f} with {}, difference {:+.3f} ({:.0f} % interval {:+.3f} to "
      "{:+.3f}, {}p {} {:.3g})",
      c.network, metric_in_words(verdict.rules), c.arm_mean, verdict.rules.arm, c.baseline_mean,
      verdict.rules.baseline, c.difference.estimate, 100 * (1 - verdict.rules.alpha),
      c.difference.interval.low, c.difference.interval.high,
      verdict.networks.size() > 1 ? "Holm " : "", network.p_holm < .001 ? "<" : "=",
      std::max(network.p_holm, .001));
}

std::string all_numbers(const Verdict& verdict) {
  std::vector<std::string> parts;
  for (const auto& network : verdict.networks) parts.push_back(numbers_of(verdict, network));
  return join(parts, "; ");
}

/// How large an effect would have had to be, of the most sensitive network.
std::string detectable_in_words(const Verdict& verdict) {
  double smallest = std::nan("");
  for (const auto& network : verdict.networks)
    smallest = std::fmin(smallest, network.smallest_detectable);
  if (std::isnan(smallest))
    return "The difference was the same on each resample: too few test images to say what this "
           "study could have seen.";
  return fmt::format(
      "That is not \"no effect\": the smallest difference this study could have seen is about "
      "{:.2f} {} (80 % power).",
      smallest, metric_in_words(verdict.rules));
}

std::string few_seeds_in_words(const Verdict& verdict) {
  if (verdict.seeds >= verdict.rules.fewest_seeds) return "";
  const bool tempting =
      std::any_of(verdict.networks.begin(), verdict.networks.end(),
                  [](const auto& n) { return excludes_zero(n.comparison.difference.interval); });
  return fmt::format("{} verdict takes at least {} seeds. ",
                     tempting ? "The interval excludes 0, but a" : "A", verdict.rules.fewest_seeds);
}

std::string names_with(const Verdict& verdict, Outcome outcome) {
  std::vector<std::string> names;
  for (const auto& network : verdict.networks)
    if (network.outcome == outcome) names.push_back(network.comparison.network);
  return join(names, ", ");
}

std::string sentence_of(const Verdict& verdict) {
  const std::string quick = verdict.rules.quick ? "Quick run, not evidence: " : "";
  const std::string hurt = names_with(verdict, Outcome::hurts);
  if (verdict.result == Outcome::no_evidence && !hurt.empty())
    return fmt::format("{}NO EVIDENCE either way: GAN augmentation helps {} and hurts {}. {}.",
                       quick, names_with(verdict, Outcome::helps), hurt, all_numbers(verdict));
  if (verdict.result == Outcome::no_evidence)
    return fmt::format(
        "{}NO EVIDENCE that GAN augmentation helps or hurts on this data. {}; {}. {}{}", quick,
        all_numbers(verdict), seeds_in_words(verdict.seeds), few_seeds_in_words(verdict),
        detectable_in_words(verdict));
  return fmt::format("{}GAN augmentation {} {} on this data. {}; {}.", quick,
                     to_string(verdict.result), names_with(verdict, verdict.result),
                     all_numbers(verdict), seeds_in_words(verdict.seeds));
}

Outcome outcome_of_all(const Verdict& verdict) {
  const bool helps = !names_with(verdict, Outcome::helps).empty();
  const bool hurts = !names_with(verdict, Outcome::hurts).empty();
  if (helps == hurts) return Outcome::no_evidence;
  return helps ? Outcome::helps : Outcome::hurts;
}

}  // namespace

std::string to_string(Outcome outcome) {
  if (outcome == Outcome::no_evidence) return "NO EVIDENCE";
  return outcome == Outcome::helps ? "HELPS" : "HURTS";
}

Verdict decide(const VerdictRules& rules, std::vector<NetworkComparison> comparisons) {
  if (comparisons.empty()) throw DataError("verdict: no network was compared");
  Verdict verdict;
  verdict.rules = rules;
  verdict.seeds = int(comparisons.front().difference.per_seed.size());
  std::vector<double> p_values;
  for (const auto& comparison : comparisons) {
    verdict.seeds = std::min(verdict.seeds, int(comparison.difference.per_seed.size()));
    p_values.push_back(comparison.difference.p);
  }
  const auto adjusted = holm_adjust(p_values);
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    NetworkVerdict network{std::move(comparisons[i]), adjusted[i], Outcome::no_evidence, 0};
    network.smallest_detectable = smallest_detectable_effect(
        network.comparison.difference.standard_error, rules.alpha / double(p_values.size()));
    network.outcome = outcome_of(rules, network, verdict.seeds);
    verdict.networks.push_back(std::move(network));
  }
  verdict.result = outcome_of_all(verdict);
  verdict.sentence = sentence_of(verdict);
  return verdict;
}

}  // namespace ganymede::quality
