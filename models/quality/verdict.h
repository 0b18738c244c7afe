#pragma once

#include <ganymede/models/quality/intervals.h>

#include <string>
#include <vector>

namespace ganymede::quality {

enum class Outcome { helps, hurts, no_evidence };

/// "HELPS", "HURTS", "NO EVIDENCE".
std::string to_string(Outcome outcome);

/// The primary comparison of one network: `difference` is arm minus baseline.
struct NetworkComparison {
  std::string network;
  double arm_mean = 0;
  double baseline_mean = 0;
  BootstrapResult difference;
};

/// What was fixed before the test part was read.
struct VerdictRules {
  std::string arm = "classic+gan";
  std::string baseline = "classic";
  std::string change = "GAN augmentation";  ///< what the arm has and the baseline has not
  Metric metric = Metric::auc;
  int classes = 2;
  bool quick = false;    ///< the sentence then begins "Quick run, not evidence:"
  int fewest_seeds = 5;  ///< below it the outcome is NO EVIDENCE, whatever the interval
  /// Test patients of each class, below which it is that as well. The interval is made of draws of
  /// these patients, and shows nothing that they do not hold: of one alone all draws are the same.
  /// Simulated, the 95 % interval of two good arms covers their true difference in 63 % of studies
  /// with three, 86 % with five, 93 % with ten (docs/statistics.md).
  int fewest_patients = 10;
  /// And in each fold, in which patients are drawn: of n in a fold the draws show (n - 1) / n of
  /// the variance. Ten folds of one patient: 60 %.
  int fewest_in_fold = 3;
  double alpha = .05;
};

/// A class, and how many patients of the test part have an image of it.
struct TestedClass {
  std::string name;
  int patients = 0;
  int fewest_in_fold = 0;  ///< of the test parts of all folds; `patients` where there is one fold
};

/// Of `names`, which are the labels' in order. Images without groups are patients of their own.
std::vector<TestedClass> tested_classes(const TestSamples& samples,
                                        const std::vector<std::string>& names);

/// "the test part has 3 patients with 'normal'; a verdict takes at least 10 of each class", or
/// "a fold's test part has 2 patients with 'normal'; a verdict takes at least 3 of each class in
/// each fold"; empty where there are enough.
std::string few_patients_in_words(const VerdictRules& rules,
                                  const std::vector<TestedClass>& tested);

struct NetworkVerdict {
  NetworkComparison comparison;
  double p_holm = 1;
  Outcome outcome = Outcome::no_evidence;
  double smallest_detectable = 0;  ///< at alpha / networks, 80 % power; NaN where not estimable
};

struct Verdict {
  Outcome result = Outcome::no_evidence;
  std::string sentence;  ///< the answer, for a person
  VerdictRules rules;
  int seeds = 0;
  std::vector<TestedClass> tested;
  std::vector<NetworkVerdict> networks;
};

/// HELPS or HURTS for a network only if its interval excludes 0, its Holm-adjusted p is below alpha
/// and there are enough seeds and test patients of each class. Of the whole: that of the networks
/// that have one, NO EVIDENCE where none has or where they contradict each other. Throws DataError
/// for no comparison or no class.
Verdict decide(const VerdictRules& rules, std::vector<TestedClass> tested,
               std::vector<NetworkComparison> comparisons);

}  // namespace ganymede::quality
