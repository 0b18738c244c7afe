#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/join.h>
#include <ganymede/models/quality/verdict.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <set>
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

bool has_few_patients(const VerdictRules& rules, const std::vector<TestedClass>& tested) {
  return !few_patients_in_words(rules, tested).empty();
}

/// "3 patients with 'normal', 4 with 'bleeding'": of the classes with fewer than `fewest`.
std::string few_in_words(const std::vector<TestedClass>& tested, int TestedClass::*count,
                         int fewest) {
  std::vector<std::string> few;
  for (const TestedClass& c : tested)
    if (c.*count < fewest) {
      const char* what = c.*count == 1 ? " patient" : " patients";
      few.push_back(fmt::format("{}{} with '{}'", c.*count, few.empty() ? what : "", c.name));
    }
  return join(few, ", ");
}

Outcome outcome_of(const Verdict& verdict, const NetworkVerdict& network) {
  const VerdictRules& rules = verdict.rules;
  const auto& difference = network.comparison.difference;
  if (verdict.seeds < rules.fewest_seeds || has_few_patients(rules, verdict.tested) ||
      network.p_holm >= rules.alpha || !excludes_zero(difference.interval))
    return Outcome::no_evidence;
  return difference.interval.low > 0 ? Outcome::helps : Outcome::hurts;
}

/// "resnet50: AUC 0.842 with classic+gan, 0.801 with classic, difference +0.041 (95 % interval
/// -0.012 to +0.093, p = 0.13)".
std::string numbers_of(const Verdict& verdict, const NetworkVerdict& network) {
  const auto& c = network.comparison;
  return fmt::format(
      "{}: {} {:.3f} with {}, {:.3f} with {}, difference {:+.3f} ({:.4g} % interval {:+.3f} to "
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

/// What the study lacks for a verdict, whatever the interval says.
std::string lacks_in_words(const Verdict& verdict) {
  std::vector<std::string> lacks;
  if (verdict.seeds < verdict.rules.fewest_seeds)
    lacks.push_back(fmt::format("a verdict takes at least {} seeds", verdict.rules.fewest_seeds));
  if (has_few_patients(verdict.rules, verdict.tested))
    lacks.push_back(few_patients_in_words(verdict.rules, verdict.tested));
  if (lacks.empty()) return "";
  const bool tempting =
      std::any_of(verdict.networks.begin(), verdict.networks.end(),
                  [](const auto& n) { return excludes_zero(n.comparison.difference.interval); });
  std::string text = (tempting ? "the interval excludes 0, but " : "") + join(lacks, "; ") + ". ";
  text[0] = char(std::toupper(text[0]));
  return text;
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
    return fmt::format("{}NO EVIDENCE either way: {} helps {} and hurts {}. {}.", quick,
                       verdict.rules.change, names_with(verdict, Outcome::helps), hurt,
                       all_numbers(verdict));
  if (verdict.result == Outcome::no_evidence)
    return fmt::format("{}NO EVIDENCE that {} helps or hurts on this data. {}; {}. {}{}", quick,
                       verdict.rules.change, all_numbers(verdict), seeds_in_words(verdict.seeds),
                       lacks_in_words(verdict), detectable_in_words(verdict));
  std::string change = verdict.rules.change;
  if (quick.empty()) change[0] = char(std::toupper(change[0]));
  return fmt::format("{}{} {} {} on this data. {}; {}.", quick, change, to_string(verdict.result),
                     names_with(verdict, verdict.result), all_numbers(verdict),
                     seeds_in_words(verdict.seeds));
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

std::vector<TestedClass> tested_classes(const TestSamples& samples,
                                        const std::vector<std::string>& names) {
  const std::set<int> folds(samples.folds.begin(), samples.folds.end());
  std::vector<TestedClass> tested;
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::map<int, std::set<int>> patients;  // by fold
    for (const int fold : folds) patients[fold];
    for (std::size_t i = 0; i < samples.labels.size(); ++i)
      if (samples.labels[i] == int(k))
        patients[samples.folds.empty() ? 0 : samples.folds[i]].insert(
            samples.groups.empty() ? int(i) : samples.groups[i]);
    TestedClass c{names[k], 0, patients.empty() ? 0 : std::numeric_limits<int>::max()};
    for (const auto& [fold, those] : patients) {
      c.patients += int(those.size());
      c.fewest_in_fold = std::min(c.fewest_in_fold, int(those.size()));
    }
    tested.push_back(std::move(c));
  }
  return tested;
}

std::string few_patients_in_words(const VerdictRules& rules,
                                  const std::vector<TestedClass>& tested) {
  if (const auto few = few_in_words(tested, &TestedClass::patients, rules.fewest_patients);
      !few.empty())
    return fmt::format("the test part has {}; a verdict takes at least {} of each class", few,
                       rules.fewest_patients);
  if (const auto few = few_in_words(tested, &TestedClass::fewest_in_fold, rules.fewest_in_fold);
      !few.empty())
    return fmt::format(
        "a fold's test part has {}; a verdict takes at least {} of each class in each fold", few,
        rules.fewest_in_fold);
  return "";
}

Verdict decide(const VerdictRules& rules, std::vector<TestedClass> tested,
               std::vector<NetworkComparison> comparisons) {
  if (comparisons.empty()) throw DataError("verdict: no network was compared");
  if (tested.empty()) throw DataError("verdict: no class was tested");
  Verdict verdict;
  verdict.rules = rules;
  verdict.tested = std::move(tested);
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
    network.outcome = outcome_of(verdict, network);
    verdict.networks.push_back(std::move(network));
  }
  verdict.result = outcome_of_all(verdict);
  verdict.sentence = sentence_of(verdict);
  return verdict;
}

}  // namespace ganymede::quality
