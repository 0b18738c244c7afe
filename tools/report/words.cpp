#include <ganymede/tools/report/text.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

constexpr const char* dash = "–";

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::string list_in_words(const Json& list) {
  std::string text;
  for (const auto& value : list) text += (text.empty() ? "" : ", ") + in_words(value);
  return text;
}

}  // namespace

const Json& part(const Json& json, std::string_view key) {
  static const Json nothing;
  if (!json.is_object()) return nothing;
  const auto found = json.find(std::string(key));
  return found == json.end() ? nothing : *found;
}

bool has(const Json& json, std::string_view key) {
  const Json& found = part(json, key);
  return !found.is_null() && !((found.is_structured() || found.is_string()) && found.empty()) &&
         found != Json("");
}

double number_at(const Json& json, std::string_view key) {
  const Json& found = part(json, key);
  return found.is_number() ? found.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> numbers_of(const Json& list) {
  std::vector<double> result;
  if (!list.is_array()) return result;
  for (const auto& value : list)
    result.push_back(value.is_number() ? value.get<double>()
                                       : std::numeric_limits<double>::quiet_NaN());
  return result;
}

std::string fixed(double value, int digits) {
  return std::isnan(value) ? dash : typeset_number(fmt::format("{:.{}f}", value, digits));
}

std::string with_sign(double value, int digits) {
  if (value < 0 || std::isnan(value)) return fixed(value, digits);
  return fmt::format("+{}", fixed(value, digits));
}

std::string thousands(double value) { return fixed(value, 0); }

std::string in_words(const Json& value) {
  if (value.is_null()) return dash;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return thousands(value.get<double>());
  if (value.is_number()) return fmt::format("{:.4g}", value.get<double>());
  if (value.is_array()) return list_in_words(value);
  return value.dump();
}

std::string duration(double seconds) {
  if (std::isnan(seconds)) return dash;
  if (seconds < 1) return fmt::format("{:.0f} ms", 1000 * seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string metric_name(std::string_view key) {
  if (key == "auc") return "AUC";
  if (key == "f1") return "F1";
  std::string name(key);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::vector<std::string> metrics_of(const Json& network) {
  std::vector<std::string> metrics;
  for (const char* key :
       {"auc", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "f1", "kappa"})
    if (part(network, key).is_object()) metrics.emplace_back(key);
  return metrics;
}

std::vector<std::string> arms_of(const Json& run) {
  std::vector<std::string> arms;
  const Json& all = part(run, "arms");
  for (const char* name : {"none", "classic", "gan", "classic+gan"})
    if (has(all, name)) arms.emplace_back(name);
  for (const auto& [name, networks] : all.items()) add_once(arms, name);
  return arms;
}

std::vector<std::string> networks_of(const Json& run) {
  std::vector<std::string> networks;
  for (const auto& [arm, content] : part(run, "arms").items())
    for (const auto& [name, metrics] : content.items()) add_once(networks, name);
  return networks;
}

}  // namespace ganymede::report
