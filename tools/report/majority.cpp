#include <ganymede/tools/report/majority.h>
#include <ganymede/tools/report/words.h>

#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

const Json& majority_of(const Json& run) { return part(part(run, "split"), "majority"); }

bool is_positive(const Json& run) {
  return part(majority_of(run), "class") == part(part(run, "data"), "positive");
}

/// F1 of the class that is always answered is 2 s / (1 + s), of the others 0.
double f1_of(const Json& run, double share, double classes) {
  if (number_at(run, "folds") > 1)
    return std::numeric_limits<double>::quiet_NaN();  // no mean of it
  const double own = 2 * share / (1 + share);
  if (classes == 2) return is_positive(run) ? own : 0;
  return own / classes;
}

}  // namespace

bool shows_majority(const Json& run) {
  const double share = number_at(majority_of(run), "share");
  return share > .55 || (share > 0 && several_classes(run));
}

std::string always_in_words(const Json& run) {
  return fmt::format("always “{}”", in_words(part(majority_of(run), "class")));
}

double majority_metric(const Json& run, std::string_view metric) {
  const double share = number_at(majority_of(run), "share");
  const double classes = double(part(part(run, "data"), "classes").size());
  if (metric == "accuracy") return share;
  if (metric == "auc") return .5;
  if (metric == "kappa") return 0;
  if (metric == "balanced_accuracy" && classes > 0) return 1 / classes;
  if (metric == "f1" && classes > 0) return f1_of(run, share, classes);
  if (metric == "sensitivity") return is_positive(run) ? 1 : 0;
  if (metric == "specificity") return is_positive(run) ? 0 : 1;
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace ganymede::report
