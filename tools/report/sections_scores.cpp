#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/words.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

std::string range_of(const Json& part, const char* low, const char* high) {
  return four_digits(number_at(part, low)) + " to " + four_digits(number_at(part, high));
}

std::string number_or_dash(const Json& part, const char* key) {
  return has(part, key) ? fixed(number_at(part, key), 3) : "–";
}

Json row_of(const Json& f) {
  const Json &d = part(f, "frechet"), &k = part(f, "kid"), &p = part(f, "precision_recall"),
             &c = part(f, "density_coverage");
  const bool known = has(d, "value");
  return {
      {"name", in_words(part(f, "name"))},
      {"dims", in_words(part(f, "dims"))},
      {"resize", in_words(part(f, "resize"))},
      {"distance_name", in_words(part(f, "distance_name"))},
      {"known", known},
      {"reason", known ? "" : in_words(part(d, "reason"))},
      {"distance", known ? four_digits(number_at(d, "value")) : ""},
      {"interval", known ? range_of(d, "low", "high") : ""},
      {"bias", has(d, "bias") ? four_digits(number_at(d, "bias")) : ""},
      {"extrapolated", known ? four_digits(number_at(d, "extrapolated")) : "–"},
      {"extrapolated_interval", known ? range_of(d, "extrapolated_low", "extrapolated_high") : ""},
      {"kid", has(k, "value") ? fmt::format("{:.2g}", number_at(k, "value")) : "–"},
      {"kid_error", has(k, "standard_error")
                        ? fmt::format("standard error {:.2g}", number_at(k, "standard_error"))
                        : ""},
      {"precision", number_or_dash(p, "precision")},
      {"recall", number_or_dash(p, "recall")},
      {"density", number_or_dash(c, "density")},
      {"coverage", number_or_dash(c, "coverage")}};
}

Json diversity_rows(const Json& scores) {
  Json rows = Json::array();
  const auto add = [&](const std::string& name, const Json& sides) {
    if (!has(sides, "fake") || !has(sides, "real")) return;
    const auto value = [](const Json& side) {
      return fixed(side.is_object() ? number_at(side, "value") : side.get<double>(), 3);
    };
    rows.push_back({{"name", name},
                    {"fake", value(part(sides, "fake"))},
                    {"real", value(part(sides, "real"))}});
  };
  const Json& d = part(scores, "diversity");
  add("L1", part(d, "l1"));
  add("SSIM", part(d, "ssim"));
  add("MS-SSIM, " + in_words(part(part(d, "ms_ssim"), "scales")) + " scales", part(d, "ms_ssim"));
  const Json& classifier = part(scores, "classifier");
  add("Inception-like score of " + in_words(part(classifier, "classifier")), classifier);
  return rows;
}

}  // namespace

Json scores_section(const Json& run, const std::filesystem::path& folder) {
  const Json& scores = part(run, "scores");
  if (!part(scores, "features").is_array()) return nullptr;
  Json rows = Json::array();
  for (const auto& f : part(scores, "features")) rows.push_back(row_of(f));
  const Json diversity = diversity_rows(scores);
  return {{"fake", in_words(part(part(run, "fake"), "images"))},
          {"real", in_words(part(part(run, "real"), "images"))},
          {"features", rows},
          {"has_diversity", !diversity.empty()},
          {"diversity", diversity},
          {"image", audited_image(run)},
          {"pairs", picture_uri(folder, "pictures/nearest.png")}};
}

}  // namespace ganymede::report
