#include <ganymede/tools/report/text.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <cctype>
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

std::string four_digits(double value) {
  const double size = std::abs(value);
  const int whole = size > 0 && std::isfinite(size) ? int(std::floor(std::log10(size))) : 3;
  return fixed(value, std::clamp(3 - whole, 0, 6));
}

std::string p_in_words(double p) { return p < .001 ? "< 0.001" : fixed(p); }

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

std::string metric_name(std::string_view key, bool several) {
  if (key == "auc") return several ? "macro AUC" : "AUC";
  if (key == "f1") return several ? "macro F1" : "F1";
  if (key == "kappa") return "quadratic kappa";
  std::string name(key);
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string class_in_words(const std::string& name) {
  const bool number = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  return number ? "class " + name : name;
}

std::string heading(std::string text) {
  if (!text.empty()) text[0] = char(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::vector<std::string> metrics_of(const Json& network, const std::string& first) {
  std::vector<std::string> metrics;
  for (const std::string& key :
       {first, std::string("auc"), std::string("accuracy"), std::string("balanced_accuracy"),
        std::string("sensitivity"), std::string("specificity"), std::string("f1"),
        std::string("kappa")})
    if (part(network, key).is_object()) add_once(metrics, key);
  return metrics;
}

std::string primary_metric(const Json& run) {
  const Json& verdict = part(run, "verdict");
  if (has(verdict, "metric")) return in_words(part(verdict, "metric"));
  const Json& study = part(part(run, "settings"), "study");
  return has(study, "metric") ? in_words(part(study, "metric")) : "auc";
}

std::string audited_image(const Json& run) {
  return part(run, "verb") == Json("score") && !has(run, "train") ? "real image" : "training image";
}

double tested_images(const Json& run, const Json& counts) {
  if (!(number_at(run, "folds") > 1)) return number_at(counts, "test");
  return number_at(counts, "train") + number_at(counts, "validation") + number_at(counts, "test");
}

double setting_or(const Json& run, std::string_view table, std::string_view key, double fallback) {
  const double value = number_at(part(part(run, "settings"), table), key);
  return std::isnan(value) ? fallback : value;
}

std::string level_in_words(const Json& run) {
  return fmt::format("{:.4g}", 100 * (1 - setting_or(run, "study", "alpha", .05)));
}

bool is_compared(const Json& run, const std::string& arm) {
  const Json& verdict = part(run, "verdict");
  return arm == in_words(part(verdict, "arm")) || arm == in_words(part(verdict, "baseline"));
}

bool several_classes(const Json& run) {
  return part(part(run, "data"), "classes").size() > 2 && !has(run, "detection");
}

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
