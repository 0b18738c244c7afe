#include <ganymede/tools/report/majority.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

const Json& content_of(const Json& run, const std::string& arm, const std::string& network) {
  return part(part(part(run, "arms"), arm), network);
}

Json metric_cell(const Json& metric) {
  const bool several = part(metric, "per_seed").size() > 1;
  Json cell{{"mean", fixed(number_at(metric, "mean"))},
            {"interval", interval_of(metric) ? interval_in_words(metric, false) : ""}};
  if (several) cell["sd"] = fixed(number_at(metric, "sd"));
  return cell;
}

std::string arms_plot(const Json& run, const std::string& network) {
  const auto key = primary_metric(run);
  const auto name = metric_name(key, several_classes(run));
  IntervalPlot plot{
      name + " of each arm, " + network, name + " on the test part", {}, {}, "", {}, "", ""};
  int color = -1;
  for (const auto& arm : arms_of(run)) {
    ++color;
    const Json& metric = part(content_of(run, arm, network), key);
    if (!has(metric, "mean")) continue;
    plot.rows.push_back({arm, number_at(metric, "mean"), interval_of(metric),
                         numbers_of(part(metric, "per_seed")), color});
  }
  const double floor = number_at(part(run, "floor"), "auc");
  if (key == "auc" && !std::isnan(floor)) {
    plot.reference = floor;
    plot.reference_name = "floor " + fixed(floor, 2);
  } else if (key == "accuracy" && shows_majority(run)) {
    plot.reference = majority_metric(run, key);
    plot.reference_name = always_in_words(run) + " " + fixed(*plot.reference, 2);
  }
  return plot.rows.empty() ? "" : interval_plot(plot);
}

/// The metrics of the network's first arm, the one that decides first.
std::vector<std::string> columns_of(const Json& run, const std::string& network) {
  for (const auto& arm : arms_of(run)) {
    const auto metrics = metrics_of(content_of(run, arm, network), primary_metric(run));
    if (!metrics.empty()) return metrics;
  }
  return {};
}

Json majority_row(const Json& run, const std::vector<std::string>& metrics) {
  Json cells = Json::array();
  for (const auto& key : metrics)
    cells.push_back({{"mean", fixed(majority_metric(run, key))}, {"interval", ""}});
  return {{"arm", always_in_words(run)}, {"reference", true}, {"cells", cells}};
}

Json table_of(const Json& run, const std::string& network) {
  const auto metrics = columns_of(run, network);
  Json rows = Json::array(), heads = Json::array();
  for (const auto& key : metrics) heads.push_back(heading(metric_name(key, several_classes(run))));
  for (const auto& arm : arms_of(run)) {
    const Json& content = content_of(run, arm, network);
    if (content.is_null()) continue;
    Json cells = Json::array();
    for (const auto& key : metrics) cells.push_back(metric_cell(part(content, key)));
    rows.push_back({{"arm", arm}, {"primary", is_compared(run, arm)}, {"cells", cells}});
  }
  if (shows_majority(run)) rows.push_back(majority_row(run, metrics));
  return {{"network", network}, {"heads", heads}, {"rows", rows}};
}

/// Which classes each arm recognises; null for two classes, which have sensitivity and specificity.
Json recall_table(const Json& run, const std::string& network) {
  Json rows = Json::array(), heads = Json::array();
  for (const auto& arm : arms_of(run)) {
    const Json& recall = part(content_of(run, arm, network), "recall");
    if (!recall.is_object()) continue;
    Json cells = Json::array();
    for (const auto& [name, summary] : recall.items()) {
      cells.push_back(metric_cell(summary));
      if (!rows.empty()) continue;
      const double images = tested_images(run, part(part(part(run, "split"), "by_class"), name));
      heads.push_back({{"name", name}, {"images", std::isnan(images) ? "" : thousands(images)}});
    }
    rows.push_back({{"arm", arm}, {"primary", is_compared(run, arm)}, {"cells", cells}});
  }
  return rows.empty() ? Json(nullptr) : Json{{"heads", heads}, {"rows", rows}};
}

/// What the classifiers of an arm were trained on; empty for an arm of another name.
std::string meaning_of(const std::string& arm) {
  constexpr std::string_view classic = "classic+";
  if (arm.starts_with(classic)) {
    const std::string rest = meaning_of(arm.substr(classic.size()));
    return rest.empty() ? rest : rest + "; all classically augmented";
  }
  if (arm == "none") return "real images only";
  if (arm == "classic") return "real images, classically augmented";
  if (arm == "gan") return "real and synthetic images";
  if (arm == "unselected") return "real and as many synthetic images, but the first that came";
  if (arm == "fakes-only") return "synthetic images only";
  if (arm == "oversample") return "real images, and as many of them again as fakes were wanted";
  return "";
}

Json meanings_of(const Json& run) {
  Json meanings = Json::array();
  for (const auto& arm : arms_of(run))
    if (const auto text = meaning_of(arm); !text.empty())
      meanings.push_back({{"arm", arm}, {"text", text}});
  return meanings;
}

Json majority_sentence(const Json& run) {
  if (!shows_majority(run)) return nullptr;
  const Json& majority = part(part(run, "split"), "majority");
  return {{"class", in_words(part(majority, "class"))},
          {"share", fmt::format("{:.1f}", 100 * number_at(majority, "share"))}};
}

}  // namespace

Json arms_section(const Json& run) {
  if (!has(run, "arms")) return nullptr;
  Json networks = Json::array();
  for (const auto& network : networks_of(run)) {
    Json entry = table_of(run, network);
    entry["plot"] = arms_plot(run, network);
    entry["recall"] = recall_table(run, network);
    networks.push_back(entry);
  }
  return {{"networks", networks},
          {"meanings", meanings_of(run)},
          {"has_kappa", several_classes(run)},
          {"majority", majority_sentence(run)},
          {"compared", has(part(run, "verdict"), "arm")}};
}

}  // namespace ganymede::report
