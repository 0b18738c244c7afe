#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/words.h>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string comparison_in_words(const Json& comparison) {
  const auto arm = in_words(part(comparison, "arm"));
  const double low = number_at(comparison, "low"), high = number_at(comparison, "high");
  if (low > 0) return arm + " tells the classes apart better";
  if (high < 0) return arm + " tells the classes apart less well";
  return "no difference shown";
}

Json comparison_row(const Json& run, const Json& comparison) {
  const auto arm = in_words(part(comparison, "arm"));
  const auto baseline = in_words(part(comparison, "baseline"));
  const Json& verdict = part(run, "verdict");
  const double low = number_at(comparison, "low"), high = number_at(comparison, "high");
  return {{"arm", arm},
          {"baseline", baseline},
          {"primary", arm == in_words(part(verdict, "arm")) &&
                          baseline == in_words(part(verdict, "baseline"))},
          {"difference", with_sign(number_at(comparison, "difference"))},
          {"interval", with_sign(low) + " to " + with_sign(high)},
          {"p", p_in_words(number_at(comparison, "p"))},
          {"delong_p", p_in_words(number_at(comparison, "delong_p"))},
          {"words", comparison_in_words(comparison)}};
}

std::string times_in_words(std::size_t times) {
  if (times < 1) return "";
  return times == 1 ? "once" : times == 2 ? "twice" : std::to_string(times) + " times";
}

}  // namespace

Json comparisons_table(const Json& run) {
  const Json& detection = part(run, "detection");
  const Json& comparisons = part(detection, "comparisons");
  Json rows = Json::array();
  bool delong = false;
  for (const auto& comparison : comparisons) {
    rows.push_back(comparison_row(run, comparison));
    delong = delong || has(comparison, "delong_p");
  }
  if (rows.empty()) return nullptr;
  const auto seeds = trainings_of(detection);
  return {{"rows", rows},
          {"has_delong", delong},
          {"many", rows.size() > 1 ? std::to_string(rows.size()) : ""},
          {"trainings", seeds < 5 ? times_in_words(seeds) : ""}};
}

}  // namespace ganymede::report
