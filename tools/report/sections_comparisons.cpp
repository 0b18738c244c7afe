#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/words.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

bool is_the_verdicts(const Json& verdict, const Json& comparison) {
  return part(comparison, "arm") == part(verdict, "arm") &&
         part(comparison, "baseline") == part(verdict, "baseline");
}

/// By the interval; of the verdict's own comparison never more than the verdict says, which asks
/// for trainings and patients too.
std::string comparison_in_words(const Json& verdict, const Json& comparison) {
  const auto arm = in_words(part(comparison, "arm"));
  const double low = number_at(comparison, "low"), high = number_at(comparison, "high");
  const bool none = is_the_verdicts(verdict, comparison) &&
                    part(verdict, "result") == Json(to_string(quality::Outcome::no_evidence));
  if (none && (low > 0 || high < 0)) return "no evidence of a difference";
  if (low > 0) return arm + " tells the classes apart better";
  if (high < 0) return arm + " tells the classes apart less well";
  return "no difference shown";
}

Json comparison_row(const Json& verdict, const Json& comparison) {
  const double low = number_at(comparison, "low"), high = number_at(comparison, "high");
  return {{"arm", in_words(part(comparison, "arm"))},
          {"baseline", in_words(part(comparison, "baseline"))},
          {"primary", is_the_verdicts(verdict, comparison)},
          {"difference", with_sign(number_at(comparison, "difference"))},
          {"interval", with_sign(low) + " to " + with_sign(high)},
          {"p", p_in_words(number_at(comparison, "p"))},
          {"delong_p", p_in_words(number_at(comparison, "delong_p"))},
          {"words", comparison_in_words(verdict, comparison)}};
}

std::string times_in_words(std::size_t times) {
  if (times < 1) return "";
  return times == 1 ? "once" : times == 2 ? "twice" : std::to_string(times) + " times";
}

/// As the verdict's sentence says it; empty where there are enough.
std::string few_patients(const Json& verdict) {
  std::vector<quality::TestedClass> tested;
  for (const auto& [name, count] : part(verdict, "patients").items())
    if (count.is_number())
      tested.push_back({.name = name, .patients = count, .fewest_in_fold = count});
  return heading(quality::few_patients_in_words({}, tested));
}

}  // namespace

Json comparisons_table(const Json& run) {
  const Json& detection = part(run, "detection");
  const Json &comparisons = part(detection, "comparisons"), &verdict = part(run, "verdict");
  Json rows = Json::array();
  bool delong = false;
  for (const auto& comparison : comparisons) {
    rows.push_back(comparison_row(verdict, comparison));
    delong = delong || has(comparison, "delong_p");
  }
  if (rows.empty()) return nullptr;
  const auto seeds = trainings_of(detection);
  return {{"rows", rows},
          {"has_delong", delong},
          {"many", rows.size() > 1 ? std::to_string(rows.size()) : ""},
          {"one_in", fmt::format("{:.3g}", 1 / setting_or(run, "study", "alpha", .05))},
          {"trainings", seeds < 5 ? times_in_words(seeds) : ""},
          {"patients", few_patients(verdict)}};
}

}  // namespace ganymede::report
