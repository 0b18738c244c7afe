#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/words.h>

#include <array>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

constexpr std::array parts{"train", "validation", "test"};

Json split_row(const std::string& name, const Json& counts) {
  Json cells = Json::array();
  for (const char* key : parts) cells.push_back(in_words(part(counts, key)));
  return {{"name", name}, {"cells", cells}};
}

/// A nested object as rows of dotted keys: {"gan": {"epochs": 5}} -> "gan.epochs", "5".
void flatten(const Json& value, const std::string& prefix, Json& rows) {
  for (const auto& [key, inner] : value.items()) {
    const auto path = prefix.empty() ? key : prefix + "." + key;
    if (inner.is_object())
      flatten(inner, path, rows);
    else
      rows.push_back({{"key", path}, {"value", in_words(inner)}});
  }
}

/// The same for seconds, as "gan, hemorrhage" and "4 min 10 s".
void add_durations(const Json& value, const std::string& prefix, Json& rows) {
  for (const auto& [key, inner] : value.items()) {
    const auto path = prefix.empty() ? key : prefix + ", " + key;
    if (inner.is_object())
      add_durations(inner, path, rows);
    else if (inner.is_number())
      rows.push_back({{"key", path}, {"value", duration(inner.get<double>())}});
  }
}

}  // namespace

Json split_section(const Json& run) {
  const Json& split = part(run, "split");
  if (!has(split, "train")) return nullptr;
  Json rows = Json::array();
  for (const auto& [name, counts] : part(split, "by_class").items())
    rows.push_back(split_row(name, counts));
  rows.push_back(split_row("all images", split));
  if (has(split, "patients")) rows.push_back(split_row("patients", part(split, "patients")));
  Json duplicates = Json::array();
  for (const auto& group : part(split, "duplicates"))
    duplicates.push_back({{"images", in_words(part(group, "images"))},
                          {"kind", in_words(part(group, "kind"))},
                          {"part", in_words(part(group, "part"))}});
  const Json& straddling = part(split, "straddling");
  return {{"rows", rows},
          {"folds", number_at(run, "folds") > 1 ? in_words(part(run, "folds")) : ""},
          {"duplicates", duplicates},
          {"has_duplicates", !duplicates.empty()},
          {"straddling", straddling},
          {"straddling_count", straddling.empty() ? "" : thousands(double(straddling.size()))}};
}

Json data_section(const Json& run) {
  const Json& data = part(run, "data");
  if (data.is_null()) return nullptr;
  Json facts = Json::array();
  for (const auto& [key, label] :
       {std::pair{"path", "Data"}, std::pair{"layout", "Layout"}, std::pair{"images", "Images"},
        std::pair{"patients", "Patients"}, std::pair{"classes", "Classes"},
        std::pair{"positive", "Positive class"}})
    if (has(data, key) && !(several_classes(run) && std::string_view(key) == "positive"))
      facts.push_back({{"label", label}, {"value", in_words(part(data, key))}});
  Json skipped = Json::array();
  for (const auto& file : part(data, "skipped"))
    skipped.push_back(
        {{"file", in_words(part(file, "file"))}, {"reason", in_words(part(file, "reason"))}});
  return {{"facts", facts},
          {"skipped", skipped},
          {"has_skipped", !skipped.empty()},
          {"skipped_count", skipped.size()}};
}

Json quick_section(const Json& run) {
  const Json& quick = part(run, "quick");
  if (part(quick, "on") != Json(true)) return nullptr;
  Json rows = Json::array();
  for (const auto& change : part(quick, "changed"))
    rows.push_back({{"key", in_words(part(change, "key"))},
                    {"old", in_words(part(change, "old"))},
                    {"new", in_words(part(change, "new"))}});
  return {{"rows", rows}};
}

Json settings_section(const Json& run) {
  if (!has(run, "settings")) return nullptr;
  Json tables = Json::array(), loose = Json::array();
  for (const auto& [name, table] : part(run, "settings").items()) {
    Json rows = Json::array();
    if (table.is_object()) {
      flatten(table, "", rows);
      tables.push_back({{"name", name}, {"rows", rows}});
    } else {
      loose.push_back({{"key", name}, {"value", in_words(table)}});
    }
  }
  if (!loose.empty()) tables.push_back({{"name", "run"}, {"rows", loose}});
  return {{"tables", tables}};
}

Json record_section(const Json& run) {
  Json timing = Json::array(), versions = Json::array();
  add_durations(part(run, "timing"), "", timing);
  flatten(part(run, "versions"), "", versions);
  if (timing.empty() && versions.empty()) return nullptr;
  return {{"timing", timing},
          {"versions", versions},
          {"has_timing", !timing.empty()},
          {"has_versions", !versions.empty()}};
}

}  // namespace ganymede::report
