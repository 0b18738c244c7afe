#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/confusion.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_heat_map.h>
#include <ganymede/tools/report/words.h>

#include <fmt/core.h>
#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

namespace mustache = kainjow::mustache;

/// Objects, lists, text and truth; null and "" are false, so that a section of the template appears
/// exactly where there is something to show.
mustache::data as_mustache(const Json& json) {
  if (json.is_object()) {
    mustache::data object(mustache::data::type::object);
    for (const auto& [key, value] : json.items()) object.set(key, as_mustache(value));
    return object;
  }
  if (json.is_array()) {
    mustache::data list(mustache::data::type::list);
    for (const auto& value : json) list.push_back(as_mustache(value));
    return list;
  }
  if (json.is_null() || json == Json("")) return mustache::data(false);
  if (json.is_boolean()) return mustache::data(json.get<bool>());
  return mustache::data(in_words(json));
}

std::string title_of(const Json& run) {
  const auto verb = has(run, "verb") ? in_words(part(run, "verb")) : "study";
  return "Ganymede " + verb + (has(run, "recipe") ? ": " + in_words(part(run, "recipe")) : "");
}

Json view_of(const Json& run, const std::filesystem::path& folder) {
  return {{"title", title_of(run)},
          {"style", std::string(report_style())},
          {"recipe", in_words(part(run, "recipe"))},
          {"path", has(part(run, "data"), "path") ? in_words(part(part(run, "data"), "path")) : ""},
          {"seed", has(run, "seed") ? part(run, "seed").dump() : ""},
          {"level", level_in_words(run)},
          {"notes", part(run, "notes").is_array() ? part(run, "notes") : Json::array()},
          {"answer", answer_section(run)},
          {"arms", arms_section(run)},
          {"detection", detection_section(run)},
          {"anomaly", anomaly_section(run, folder)},
          {"scores", scores_section(run, folder)},
          {"images", images_section(run, folder)},
          {"selector", selector_section(run)},
          {"balance", balance_section(run)},
          {"training", training_section(run, folder)},
          {"confusion", confusion_section(run)},
          {"accuracy", accuracy_section(run)},
          {"roc", roc_section(run)},
          {"audit", audit_section(run, folder)},
          {"split", split_section(run)},
          {"data", data_section(run)},
          {"quick", quick_section(run)},
          {"settings", settings_section(run)},
          {"record", record_section(run)},
          {"recognition", recognition_section(run)}};
}

Json parsed(std::string_view run_json, const std::filesystem::path& run_folder) {
  Json run = Json::parse(run_json, nullptr, false);
  if (run.is_discarded() || !run.is_object())
    throw FormatError(
        fmt::format("{} is no JSON object: the run wrote it only in part, run the same "
                    "command again",
                    (run_folder / "run.json").string()));
  return run;
}

}  // namespace

std::string report_page(std::string_view run_json, const std::filesystem::path& run_folder) {
  const Json run = parsed(run_json, run_folder);
  mustache::mustache page{std::string(report_template())};
  if (!page.is_valid()) throw UsageError("report template: " + page.error_message());
  return page.render(as_mustache(view_of(run, run_folder)));
}

void write_report(const std::filesystem::path& run_folder) {
  const auto bytes = read_file((run_folder / "run.json").string());
  const std::string text(bytes.begin(), bytes.end());
  make_folder((run_folder / "pictures").string());
  const Json run = parsed(text, run_folder);
  for (const auto& picture : confusion_pictures(run))
    write_file((run_folder / picture.file()).string(), standalone_svg(picture.svg));
  for (const auto& picture : anomaly_pictures(run))
    write_file((run_folder / picture.file).string(), standalone_svg(picture.svg));
  write_file((run_folder / "report.html").string(), report_page(text, run_folder));
}

}  // namespace ganymede::report
