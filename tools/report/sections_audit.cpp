#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string distances_plot(const Json& run, const std::string& name, const Json& audit) {
  const auto image = audited_image(run);
  const auto closest =
      fmt::format("closest {:.4g} % of reals", 100 * setting_or(run, "audit", "percentile", .01));
  const Json& distances = part(audit, "distances");
  HistogramPlot plot{"Distances to the nearest " + image + ", " + name,
                     "distance to the nearest " + image + " (root mean square)",
                     {},
                     {},
                     {}};
  for (const auto& [key, label] :
       {std::pair{"fakes", "fakes"}, std::pair{"held_out", "held-out reals"}}) {
    const auto values = numbers_of(part(distances, key));
    if (values.empty()) continue;
    plot.names.emplace_back(label);
    plot.values.push_back(values);
  }
  for (const auto& [key, label] : {std::pair{"near_identity_limit", "near-identical"},
                                   std::pair{"distance_limit", closest.c_str()}}) {
    const double limit = number_at(audit, key);
    if (limit > 0) plot.limits.emplace_back(label, limit);
  }
  return plot.values.empty() ? "" : histogram_plot(plot);
}

Json space_row(const std::string& name, const Json& counts, const Json& audit) {
  const bool compared = number_at(audit, "distance_limit") > 0;
  const auto p = [&](const char* key) {
    return compared ? fmt::format("{:.2g}", number_at(audit, key)) : "–";
  };
  return {{"name", name},
          {"flagged", in_words(part(counts, "flagged"))},
          {"identical", in_words(part(counts, "near_identical"))},
          {"p", p("p")},
          {"three", p("p_three_sample")}};
}

/// What each space found; a run that looked at pixels alone has one.
Json space_rows(const Json& audit) {
  const Json& other = part(audit, "features");
  if (!other.is_object()) return Json::array({space_row("in pixels", audit, audit)});
  return Json::array({space_row("in pixels", part(audit, "pixels"), audit),
                      space_row("in " + in_words(part(other, "name")), other, other)});
}

}  // namespace

Json audit_section(const Json& run, const std::filesystem::path& folder) {
  Json classes = Json::array();
  for (const auto& [name, audit] : part(run, "audit").items()) {
    const auto verdict = in_words(part(audit, "verdict"));
    classes.push_back(
        {{"name", name},
         {"verdict", verdict},
         {"css", verdict == "NO SIGN"  ? "helps"
                 : verdict == "COPIES" ? "hurts"
                                       : "suspect"},
         {"sentence", has(audit, "sentence") ? in_words(part(audit, "sentence")) : ""},
         {"fakes", in_words(part(audit, "fakes"))},
         {"held_out", in_words(part(audit, "held_out"))},
         {"spaces", space_rows(audit)},
         {"plot", distances_plot(run, name, audit)},
         {"pairs", picture_uri(folder, in_words(part(audit, "pairs")))}});
  }
  return classes.empty() ? Json(nullptr)
                         : Json{{"classes", classes}, {"image", audited_image(run)}};
}

}  // namespace ganymede::report
