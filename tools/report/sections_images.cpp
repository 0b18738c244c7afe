#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/selection.h>
#include <ganymede/tools/report/words.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string reasons_of(const Json& synthetic) {
  std::string text;
  for (const auto& [reason, count] : part(synthetic, "reasons").items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", in_words(count), reason);
  return text;
}

void add_figure(Json& figures, const std::filesystem::path& folder, const Json& path,
                const std::string& caption) {
  if (!path.is_string()) return;
  const auto uri = picture_uri(folder, path.get<std::string>());
  if (!uri.empty()) figures.push_back({{"uri", uri}, {"caption", caption}});
}

/// Reals, kept fakes, fakes above their nearest training image.
Json main_figures(const std::filesystem::path& folder, const std::string& of_class,
                  const Json& synthetic) {
  Json figures = Json::array();
  add_figure(figures, folder, part(synthetic, "real"), "Real " + of_class + ", training part");
  add_figure(figures, folder, part(synthetic, "grid"), "Synthetic " + of_class + ", kept");
  add_figure(figures, folder, part(synthetic, "nearest"),
             "Synthetic " + of_class + ", and under each its nearest training image");
  if (!has(synthetic, "rejected_examples"))
    add_figure(figures, folder, part(synthetic, "rejected_grid"),
               "Synthetic " + of_class + ", rejected");
  return figures;
}

/// One small grid for each reason to leave a fake out.
Json rejected_figures(const std::filesystem::path& folder, const std::string& of_class,
                      const Json& synthetic) {
  Json figures = Json::array();
  for (const auto& example : part(synthetic, "rejected_examples")) {
    const auto reason = in_words(part(example, "reason"));
    const Json& count = part(part(synthetic, "reasons"), reason);
    add_figure(figures, folder, part(example, "picture"),
               fmt::format("Synthetic {}, rejected: {}{}", of_class, reason,
                           count.is_number() ? " (" + in_words(count) + ")" : ""));
  }
  return figures;
}

}  // namespace

Json images_section(const Json& run, const std::filesystem::path& folder) {
  Json classes = Json::array();
  for (const auto& [name, synthetic] : part(run, "synthetic").items()) {
    const auto of_class = class_in_words(name);
    const Json rejected = rejected_figures(folder, of_class, synthetic);
    const auto funnel = selection_plot(of_class, part(synthetic, "selection"));
    classes.push_back({{"name", of_class == name ? name : heading(of_class)},
                       {"made", in_words(part(synthetic, "made"))},
                       {"kept", in_words(part(synthetic, "kept"))},
                       {"rejected", in_words(part(synthetic, "rejected"))},
                       {"reasons", funnel.empty() ? reasons_of(synthetic) : ""},
                       {"funnel", funnel},
                       {"figures", main_figures(folder, of_class, synthetic)},
                       {"has_rejected", !rejected.empty()},
                       {"rejected_figures", rejected}});
  }
  return classes.empty() ? Json(nullptr) : Json{{"classes", classes}};
}

}  // namespace ganymede::report
