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
  Metric metric = Metric::auc;
  int classes = 2;
  bool quick = false;    ///< the sentence then begins "Quick run, not evidence:"
  int fewest_seeds = 5;  ///< below it the outcome is NO EVIDENCE, whatever the interval
  double alpha = .05;
};

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
  std::vector<NetworkVerdict> networks;
};

/// HELPS or HURTS for a network only if its interval excludes 0, its Holm-adjusted p is below alpha
/// and there are enough seeds. Of the whole: that of the networks that have one, NO EVIDENCE where
/// none has or where they contradict each other. Throws DataError for no comparison.
Verdict decide(const VerdictRules& rules, std::vector<NetworkComparison> comparisons);

}  // namespace ganymede::quality
