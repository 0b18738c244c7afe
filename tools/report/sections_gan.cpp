#include <ganymede/tools/report/gan_groups.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_lines.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string ratio_in_words(double part_of, double whole) {
  if (std::isnan(part_of) || !(whole > 0)) return "";
  return fmt::format("{:.0f} %", 100 * part_of / whole);
}

Json training_row(const GanGroup& group) {
  const Json& gan = *group.records.front();
  const Json& parameters = part(gan, "parameters");
  return {{"name", group.name},
          {"kind", kind_in_words(gan)},
          {"iterations", thousands(number_at(gan, "iterations"))},
          {"updates", thousands(number_at(gan, "generator_updates"))},
          {"epochs", in_words(part(gan, "epochs"))},
          {"speed", thousands(number_at(gan, "images_per_second"))},
          {"generator", thousands(number_at(parameters, "generator"))},
          {"discriminator", thousands(number_at(parameters, "discriminator"))}};
}

/// "8.12 to 9.4"; empty where there is none.
std::string interval_in_words(const Json& interval) {
  const auto ends = numbers_of(interval);
  return ends.size() == 2 ? fixed(ends[0], 2) + " to " + fixed(ends[1], 2) : "";
}

/// Empty where the paper reports none.
std::string paper_in_words(const Json& paper) {
  if (!paper.is_object()) return "";
  return fmt::format("The paper reports {} on {} features of Inception{}.",
                     fixed(number_at(paper, "value")), in_words(part(paper, "d")),
                     part(paper, "comparable") == true ? ", as here" : ": not comparable");
}

/// How near the fakes of one class are to its reals.
Json nearness_row(const std::string& name, const Json& gan) {
  const Json &frechet = part(gan, "frechet"), &diversity = part(gan, "diversity");
  const double fakes = number_at(frechet, "fakes"), untrained = number_at(frechet, "untrained");
  const double l1 = number_at(diversity, "fakes"), real_l1 = number_at(diversity, "reals");
  return {{"name", name},
          {"n", thousands(number_at(frechet, "n"))},
          {"frechet", fixed(fakes, 2)},
          {"interval", interval_in_words(part(frechet, "interval"))},
          {"untrained", fixed(untrained, 2)},
          {"ratio", ratio_in_words(fakes, untrained)},
          {"l1", fixed(l1)},
          {"real_l1", fixed(real_l1)},
          {"l1_ratio", ratio_in_words(l1, real_l1)}};
}

Json nearness_rows(const Json& run) {
  Json rows = Json::array();
  for (const auto& [name, gan] : part(run, "gan").items())
    if (has(gan, "frechet") || has(gan, "diversity")) rows.push_back(nearness_row(name, gan));
  return rows;
}

/// A GAN that was trained alone has no kept fakes to measure.
bool has_frechet(const Json& run) {
  for (const auto& [name, gan] : part(run, "gan").items())
    if (has(gan, "frechet")) return true;
  return false;
}

std::vector<Series> loss_series(const Json& gan) {
  const Json& losses = part(gan, "losses");
  const auto x = numbers_of(part(losses, "iteration"));
  std::vector<Series> series;
  int color = 0;
  for (const auto& [key, name] : {std::pair<const char*, std::string>{"generator", "generator"},
                                  {"discriminator", judge_of(gan)}}) {
    if (has(losses, key) && !x.empty())
      series.push_back({name, x, numbers_of(part(losses, key)), color});
    ++color;
  }
  return series;
}

/// What the critic takes for the distance between reals and fakes: as logged, and smoothed.
std::string estimate_plot(const std::string& name, const Json& gan) {
  const auto x = numbers_of(part(part(gan, "losses"), "iteration"));
  LinePlot plot{"Wasserstein estimate of the GAN of " + name,
                "iteration",
                "mean D(real) − mean D(fake)",
                {},
                {},
                {},
                {},
                ""};
  for (const auto& [key, series] :
       {std::pair{"wasserstein", &plot.raw}, std::pair{"wasserstein_smoothed", &plot.lines}}) {
    auto y = numbers_of(part(gan, key));
    if (!y.empty() && y.size() == x.size()) series->push_back({key, x, std::move(y), 0});
  }
  return plot.raw.empty() && plot.lines.empty() ? "" : line_plot(plot);
}

/// KID to held-out reals over the iterations.
std::string watch_plot(const std::string& name, const Json& gan) {
  const Json& watch = part(gan, "watch");
  const auto x = numbers_of(part(watch, "iteration")), y = numbers_of(part(watch, "kid"));
  if (x.empty() || x.size() != y.size()) return "";
  return line_plot({"KID of the GAN of " + name + " to held-out reals",
                    "iteration",
                    "KID",
                    {{"KID", x, y, 0}},
                    {},
                    {},
                    {},
                    ""});
}

/// "KID to 149 held-out reals on pixels at 32x32 (area); the generator of iteration 840 makes the
/// fakes".
std::string watch_caption(const Json& watch) {
  std::string text = fmt::format("KID to {} held-out reals on {}", thousands(number_at(watch, "n")),
                                 in_words(part(watch, "feature")));
  if (has(watch, "kept") && !std::isnan(number_at(watch, "kept")))
    text += fmt::format("; the generator of iteration {} makes the fakes",
                        thousands(number_at(watch, "kept")));
  if (part(watch, "ended_early") == Json(true)) text += "; ended early";
  return text;
}

void add_plots(Json& plots, const GanGroup& group) {
  const Json& gan = *group.records.front();
  const auto name = group.name;
  if (const auto plot = estimate_plot(name, gan); !plot.empty())
    plots.push_back({{"caption", name + ": Wasserstein estimate"}, {"plot", plot}});
  const auto losses = loss_series(gan);
  const auto caption = is_wasserstein(gan) ? name + ": losses" : name;
  if (!losses.empty())
    plots.push_back(
        {{"caption", caption}, {"plot", loss_plot("Losses of the GAN of " + name, losses)}});
  if (const auto plot = watch_plot(name, gan); !plot.empty())
    plots.push_back({{"caption", name + ": " + watch_caption(part(gan, "watch"))}, {"plot", plot}});
}

/// What the distances were measured on, of the first class that has one.
Json features_of(const Json& run) {
  for (const auto& [name, gan] : part(run, "gan").items()) {
    const Json& frechet = part(gan, "frechet");
    if (has(frechet, "feature") && !std::isnan(number_at(frechet, "fakes")))
      return {{"feature", in_words(part(frechet, "feature"))},
              {"d", in_words(part(frechet, "d"))},
              {"paper", paper_in_words(part(frechet, "paper"))}};
  }
  return nullptr;
}

/// "discriminator", "critic", or both where GANs of both kinds were trained.
std::string judges_of(const std::vector<GanGroup>& groups) {
  auto name = judge_of(*groups.front().records.front());
  for (const auto& group : groups)
    if (judge_of(*group.records.front()) != name) return "discriminator or critic";
  return name;
}

/// Reals and samples of each GAN whose record names such pictures; a study shows its fakes
/// elsewhere.
Json figures_of(const std::vector<GanGroup>& groups, const std::filesystem::path& folder) {
  Json figures = Json::array();
  for (const auto& group : groups)
    for (const auto& picture : part(*group.records.front(), "pictures"))
      if (const auto uri = picture_uri(folder, in_words(part(picture, "path"))); !uri.empty())
        figures.push_back({{"uri", uri}, {"caption", in_words(part(picture, "caption"))}});
  return figures;
}

Json warnings_of(const std::vector<GanGroup>& groups) {
  Json warnings = Json::array();
  for (const auto& group : groups) {
    const Json& gan = *group.records.front();
    if (has(gan, "critic"))
      warnings.push_back({{"name", group.name}, {"text", in_words(part(gan, "critic"))}});
    if (const Json& watch = part(gan, "watch"); has(watch, "reason"))
      warnings.push_back({{"name", group.name},
                          {"text", "not watched while it trained: " + in_words(watch["reason"])}});
  }
  return warnings;
}

}  // namespace

Json training_section(const Json& run, const std::filesystem::path& folder) {
  const auto groups = gan_groups(run);
  if (groups.empty()) return nullptr;
  Json rows = Json::array(), plots = Json::array();
  bool updates = false, estimated = false;
  for (const auto& group : groups) {
    const Json& gan = *group.records.front();
    rows.push_back(training_row(group));
    add_plots(plots, group);
    updates = updates || (has(gan, "generator_updates") &&
                          part(gan, "generator_updates") != part(gan, "iterations"));
    estimated = estimated || has(gan, "wasserstein");
  }
  const Json nearness = nearness_rows(run), figures = figures_of(groups, folder);
  return {{"rows", rows},
          {"has_updates", updates},
          {"judge", judges_of(groups)},
          {"has_nearness", !nearness.empty()},
          {"nearness", nearness},
          {"has_frechet", has_frechet(run)},
          {"has_figures", !figures.empty()},
          {"figures", figures},
          {"features", features_of(run)},
          {"warnings", warnings_of(groups)},
          {"estimated", estimated},
          {"plots", plots}};
}

}  // namespace ganymede::report
