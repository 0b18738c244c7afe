#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

/// "NO EVIDENCE" -> "no-evidence", a CSS class.
std::string css_of(const Json& result) {
  const auto text = in_words(result);
  if (text == "HELPS") return "helps";
  return text == "HURTS" ? "hurts" : "no-evidence";
}

/// The band of what could not be seen is that of one network; with more each has its own.
bool has_band(const Json& verdict) {
  return part(verdict, "per_network").size() == 1 &&
         !std::isnan(number_at(verdict, "smallest_detectable"));
}

std::string difference_plot(const Json& verdict, bool several) {
  const auto metric = metric_name(in_words(part(verdict, "metric")), several);
  const auto arm = in_words(part(verdict, "arm")), baseline = in_words(part(verdict, "baseline"));
  IntervalPlot plot{"Difference of " + metric + " with its interval, for each network",
                    fmt::format("difference of {}: {} minus {}", metric, arm, baseline),
                    {},
                    0.,
                    "no difference",
                    {},
                    baseline + " is better",
                    arm + " is better"};
  for (const auto& [network, numbers] : part(verdict, "per_network").items())
    plot.rows.push_back({network, number_at(numbers, "difference"), interval_of(numbers),
                         numbers_of(part(numbers, "per_seed")), 0});
  if (has_band(verdict)) plot.half_band = number_at(verdict, "smallest_detectable");
  return plot.rows.empty() ? "" : interval_plot(plot);
}

Json facts_of(const Json& verdict) {
  Json rows = Json::array();
  for (const auto& [network, numbers] : part(verdict, "per_network").items()) {
    const double p = number_at(numbers, has(numbers, "p_holm") ? "p_holm" : "p");
    rows.push_back({{"network", network},
                    {"result", in_words(part(numbers, "result"))},
                    {"css", css_of(part(numbers, "result"))},
                    {"arm", fixed(number_at(numbers, "arm_mean"))},
                    {"baseline", fixed(number_at(numbers, "baseline_mean"))},
                    {"difference", with_sign(number_at(numbers, "difference"))},
                    {"interval", interval_in_words(numbers, true)},
                    {"p", p_in_words(p)},
                    {"smallest", fixed(number_at(numbers, "smallest_detectable"))}});
  }
  return rows;
}

}  // namespace

Json answer_section(const Json& run) {
  const Json& verdict = part(run, "verdict");
  if (!has(verdict, "sentence")) return nullptr;
  // The first sentence is the answer; numbers inside it hold no ". ".
  const auto sentence = in_words(part(verdict, "sentence"));
  const auto stop = sentence.find(". ");
  const bool more = stop != std::string::npos;
  return {{"headline", more ? sentence.substr(0, stop + 1) : sentence},
          {"rest", more ? sentence.substr(stop + 2) : ""},
          {"result", in_words(part(verdict, "result"))},
          {"css", css_of(part(verdict, "result"))},
          {"quick",
           part(verdict, "quick") == Json(true) || part(part(run, "quick"), "on") == Json(true)},
          {"arm", in_words(part(verdict, "arm"))},
          {"baseline", in_words(part(verdict, "baseline"))},
          {"metric", heading(metric_name(in_words(part(verdict, "metric")), several_classes(run)))},
          {"plot", difference_plot(verdict, several_classes(run))},
          {"band", has_band(verdict)},
          {"facts", facts_of(verdict)}};
}

namespace {

/// Of the most sensitive network, as the verdict's sentence says it.
double smallest_detectable(const Json& verdict) {
  double smallest = number_at(verdict, "smallest_detectable");
  for (const auto& [network, numbers] : part(verdict, "per_network").items())
    smallest = std::fmin(smallest, number_at(numbers, "smallest_detectable"));
  return smallest;
}

}  // namespace

Json detection_section(const Json& run) {
  const Json &verdict = part(run, "verdict"), &floor = part(run, "floor");
  Json section;
  if (has(verdict, "sentence")) {
    const double smallest = smallest_detectable(verdict);
    const double images = tested_images(run, part(run, "split"));
    section["verdict"] = {
        {"known", !std::isnan(smallest)},
        {"smallest", fixed(smallest, 2)},
        {"metric", metric_name(primary_metric(run), several_classes(run))},
        {"images", std::isnan(images) ? "the" : thousands(images)},
        {"folds", number_at(run, "folds") > 1 ? in_words(part(run, "folds")) : ""},
        {"seeds", in_words(part(verdict, "seeds")) +
                      (number_at(verdict, "seeds") == 1 ? " seed" : " seeds")}};
  }
  if (has(floor, "statistic"))
    section["floor"] = {
        {"metric", metric_name("auc", several_classes(run))},
        {"statistic", in_words(part(floor, "statistic"))},
        {"each_fold", part(floor, "statistic").is_array()},
        {"auc", fixed(number_at(floor, "auc"), 2)},
        {"interval", interval_of(floor) ? interval_in_words(floor, false) : ""},
        {"lower", !several_classes(run) && part(floor, "higher_is_positive") == Json(false)},
        {"development", fixed(number_at(floor, "development_auc"), 2)}};
  return section;
}

}  // namespace ganymede::report
