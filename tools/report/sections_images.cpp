#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

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

}  // namespace

Json images_section(const Json& run, const std::filesystem::path& folder) {
  Json classes = Json::array();
  for (const auto& [name, synthetic] : part(run, "synthetic").items()) {
    Json figures = Json::array();
    add_figure(figures, folder, part(synthetic, "real"), "Real " + name + ", training part");
    add_figure(figures, folder, part(synthetic, "grid"), "Synthetic " + name + ", kept");
    add_figure(figures, folder, part(synthetic, "nearest"),
               "Synthetic " + name + ", and under each its nearest training image");
    add_figure(figures, folder, part(synthetic, "rejected_grid"),
               "Synthetic " + name + ", rejected");
    classes.push_back({{"name", name},
                       {"made", in_words(part(synthetic, "made"))},
                       {"kept", in_words(part(synthetic, "kept"))},
                       {"rejected", in_words(part(synthetic, "rejected"))},
                       {"reasons", reasons_of(synthetic)},
                       {"figures", figures}});
  }
  return classes.empty() ? Json(nullptr) : Json{{"classes", classes}};
}

namespace {

std::string ratio_in_words(double part_of, double whole) {
  if (std::isnan(part_of) || !(whole > 0)) return "";
  return fmt::format("{:.0f} %", 100 * part_of / whole);
}

Json gan_row(const std::string& name, const Json& gan) {
  const Json &frechet = part(gan, "frechet"), &diversity = part(gan, "diversity");
  const Json& parameters = part(gan, "parameters");
  const double fakes = number_at(frechet, "fakes"), untrained = number_at(frechet, "untrained");
  return {
      {"name", name},
      {"iterations", thousands(number_at(gan, "iterations"))},
      {"epochs", in_words(part(gan, "epochs"))},
      {"speed", thousands(number_at(gan, "images_per_second"))},
      {"generator", thousands(number_at(parameters, "generator"))},
      {"discriminator", thousands(number_at(parameters, "discriminator"))},
      {"frechet", fixed(fakes, 2)},
      {"untrained", fixed(untrained, 2)},
      {"ratio", ratio_in_words(fakes, untrained)},
      {"l1", fixed(number_at(diversity, "fakes"))},
      {"real_l1", fixed(number_at(diversity, "reals"))},
      {"l1_ratio", ratio_in_words(number_at(diversity, "fakes"), number_at(diversity, "reals"))}};
}

std::string losses_of(const std::string& name, const Json& losses) {
  const auto x = numbers_of(part(losses, "iteration"));
  std::vector<Series> series;
  for (const char* key : {"generator", "discriminator"})
    if (has(losses, key)) series.push_back({key, x, numbers_of(part(losses, key))});
  return x.empty() || series.empty() ? "" : loss_plot("Losses of the GAN of " + name, series);
}

}  // namespace

Json training_section(const Json& run) {
  Json rows = Json::array(), plots = Json::array();
  Json features;
  for (const auto& [name, gan] : part(run, "gan").items()) {
    rows.push_back(gan_row(name, gan));
    const auto plot = losses_of(name, part(gan, "losses"));
    if (!plot.empty()) plots.push_back({{"caption", name}, {"plot", plot}});
    const Json& frechet = part(gan, "frechet");
    if (features.is_null() && has(frechet, "feature"))
      features = {{"feature", in_words(part(frechet, "feature"))},
                  {"n", in_words(part(frechet, "n"))},
                  {"d", in_words(part(frechet, "d"))}};
  }
  if (rows.empty()) return nullptr;
  return {{"rows", rows}, {"plots", plots}, {"features", features}};
}

namespace {

std::string distances_plot(const std::string& name, const Json& audit) {
  const Json& distances = part(audit, "distances");
  HistogramPlot plot{"Distances to the nearest training image, " + name,
                     "distance to the nearest training image (root mean square)",
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
                                   std::pair{"distance_limit", "closest 1 % of reals"}}) {
    const double limit = number_at(audit, key);
    if (limit > 0) plot.limits.emplace_back(label, limit);
  }
  return plot.values.empty() ? "" : histogram_plot(plot);
}

}  // namespace

Json audit_section(const Json& run) {
  Json classes = Json::array();
  for (const auto& [name, audit] : part(run, "audit").items()) {
    const auto verdict = in_words(part(audit, "verdict"));
    const double p = number_at(audit, "p"), three = number_at(audit, "p_three_sample");
    const bool compared = number_at(audit, "distance_limit") > 0;
    classes.push_back(
        {{"name", name},
         {"verdict", verdict},
         {"css", verdict == "NO SIGN"  ? "helps"
                 : verdict == "COPIES" ? "hurts"
                                       : "suspect"},
         {"sentence", has(audit, "sentence") ? in_words(part(audit, "sentence")) : ""},
         {"fakes", in_words(part(audit, "fakes"))},
         {"held_out", in_words(part(audit, "held_out"))},
         {"flagged", in_words(part(audit, "flagged"))},
         {"identical", in_words(part(audit, "near_identical"))},
         {"p", compared ? fmt::format("{:.2g}", p) : "–"},
         {"three", compared ? fmt::format("{:.2g}", three) : "–"},
         {"plot", distances_plot(name, audit)}});
  }
  return classes.empty() ? Json(nullptr) : Json{{"classes", classes}};
}

}  // namespace ganymede::report
