#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::optional<std::array<double, 2>> interval_of(const Json& json) {
  const auto ends = numbers_of(part(json, "interval"));
  if (ends.size() != 2 || std::isnan(ends[0]) || std::isnan(ends[1])) return {};
  return std::array{ends[0], ends[1]};
}

std::string interval_in_words(const Json& json, bool sign) {
  const auto ends = interval_of(json);
  if (!ends) return "–";
  const auto word = [&](double value) { return sign ? with_sign(value) : fixed(value); };
  return word((*ends)[0]) + " to " + word((*ends)[1]);
}

/// "NO EVIDENCE" -> "no-evidence", a CSS class.
std::string css_of(const Json& result) {
  const auto text = in_words(result);
  if (text == "HELPS") return "helps";
  return text == "HURTS" ? "hurts" : "no-evidence";
}

std::string difference_plot(const Json& verdict) {
  const auto metric = metric_name(in_words(part(verdict, "metric")));
  const auto arm = in_words(part(verdict, "arm")), baseline = in_words(part(verdict, "baseline"));
  IntervalPlot plot{"Difference of " + metric + " with its interval, for each network",
                    fmt::format("difference of {}: {} minus {}", metric, arm, baseline),
                    {},
                    0.,
                    "no difference",
                    {},
                    "GAN images hurt",
                    "GAN images help"};
  for (const auto& [network, numbers] : part(verdict, "per_network").items())
    plot.rows.push_back({network, number_at(numbers, "difference"), interval_of(numbers),
                         numbers_of(part(numbers, "per_seed")), 0});
  const double smallest = number_at(verdict, "smallest_detectable");
  if (plot.rows.size() == 1 && !std::isnan(smallest)) plot.half_band = smallest;
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
                    {"p", p < .001 ? "< 0.001" : fixed(p)},
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
          {"metric", metric_name(in_words(part(verdict, "metric")))},
          {"plot", difference_plot(verdict)},
          {"facts", facts_of(verdict)}};
}

namespace {

Json metric_cell(const Json& metric) {
  const bool several = part(metric, "per_seed").size() > 1;
  Json cell{{"mean", fixed(number_at(metric, "mean"))},
            {"interval", interval_of(metric) ? interval_in_words(metric, false) : ""}};
  if (several) cell["sd"] = fixed(number_at(metric, "sd"));
  return cell;
}

std::string primary_metric(const Json& run) {
  return has(part(run, "verdict"), "metric") ? in_words(part(part(run, "verdict"), "metric"))
                                             : "auc";
}

std::string arms_plot(const Json& run, const std::string& network) {
  const auto key = primary_metric(run);
  IntervalPlot plot{metric_name(key) + " of each arm, " + network,
                    metric_name(key) + " on the test part",
                    {},
                    {},
                    "",
                    {},
                    "",
                    ""};
  for (const auto& arm : arms_of(run)) {
    const Json& metric = part(part(part(part(run, "arms"), arm), network), key);
    if (!has(metric, "mean")) continue;
    plot.rows.push_back({arm, number_at(metric, "mean"), interval_of(metric),
                         numbers_of(part(metric, "per_seed")), int(plot.rows.size())});
  }
  const double floor = number_at(part(run, "floor"), "auc");
  if (key == "auc" && !std::isnan(floor)) {
    plot.reference = floor;
    plot.reference_name = "floor " + fixed(floor, 2);
  }
  return plot.rows.empty() ? "" : interval_plot(plot);
}

}  // namespace

Json arms_section(const Json& run) {
  if (!has(run, "arms")) return nullptr;
  const Json& verdict = part(run, "verdict");
  Json networks = Json::array();
  for (const auto& network : networks_of(run)) {
    Json rows = Json::array(), heads = Json::array();
    std::vector<std::string> metrics;
    for (const auto& arm : arms_of(run))
      if (metrics.empty()) metrics = metrics_of(part(part(part(run, "arms"), arm), network));
    for (const auto& key : metrics) heads.push_back(metric_name(key));
    for (const auto& arm : arms_of(run)) {
      const Json& content = part(part(part(run, "arms"), arm), network);
      if (content.is_null()) continue;
      Json cells = Json::array();
      for (const auto& key : metrics) cells.push_back(metric_cell(part(content, key)));
      rows.push_back({{"arm", arm},
                      {"primary", arm == in_words(part(verdict, "arm")) ||
                                      arm == in_words(part(verdict, "baseline"))},
                      {"cells", cells}});
    }
    networks.push_back({{"network", network},
                        {"heads", heads},
                        {"rows", rows},
                        {"plot", arms_plot(run, network)}});
  }
  return {{"networks", networks}, {"compared", has(verdict, "arm")}};
}

Json detection_section(const Json& run) {
  const Json &verdict = part(run, "verdict"), &floor = part(run, "floor");
  Json section;
  if (has(verdict, "sentence")) {
    const double smallest = number_at(verdict, "smallest_detectable");
    section["verdict"] = {
        {"known", !std::isnan(smallest)},
        {"smallest", fixed(smallest, 2)},
        {"metric", metric_name(primary_metric(run))},
        {"images",
         has(part(run, "split"), "test") ? in_words(part(part(run, "split"), "test")) : "the"},
        {"folds", number_at(run, "folds") > 1 ? in_words(part(run, "folds")) : ""},
        {"seeds", in_words(part(verdict, "seeds"))}};
  }
  if (has(floor, "statistic"))
    section["floor"] = {{"statistic", in_words(part(floor, "statistic"))},
                        {"auc", fixed(number_at(floor, "auc"), 2)},
                        {"interval", interval_of(floor) ? interval_in_words(floor, false) : ""},
                        {"lower", part(floor, "higher_is_positive") == Json(false)},
                        {"development", fixed(number_at(floor, "development_auc"), 2)}};
  return section;
}

}  // namespace ganymede::report
