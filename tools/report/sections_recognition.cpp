#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

/// ".453 (.391 to .517) of 240"; empty where there were no images.
std::string share_in_words(const Json& share) {
  if (std::isnan(number_at(share, "share"))) return "";
  return fmt::format("{} ({} to {}) of {}", fixed(number_at(share, "share")),
                     fixed(number_at(share, "low")), fixed(number_at(share, "high")),
                     thousands(number_at(share, "n")));
}

Json row_of(const std::string& name, const Json& both) {
  return {{"name", name},
          {"fakes", share_in_words(part(both, "fakes"))},
          {"reals", share_in_words(part(both, "reals"))}};
}

/// "1.62": exp of the mean information about the class.
std::string score_of(const Json& record, const std::string& whose) {
  const double mean = number_at(part(part(record, "inception_score"), whose), "mean");
  return std::isnan(mean) ? "" : fmt::format("{:.2f}", mean);
}

/// What a classifier that saw nothing but fakes reaches on the real test images.
std::string fakes_only(const Json& run, const std::string& network) {
  const Json& arm = part(part(part(run, "arms"), "fakes-only"), network);
  const double mean = number_at(part(arm, "accuracy"), "mean");
  return std::isnan(mean) ? "" : fixed(mean);
}

}  // namespace

Json recognition_section(const Json& run) {
  const Json& recognition = part(run, "recognition");
  if (!recognition.is_object() || recognition.empty()) return nullptr;
  Json networks = Json::array();
  for (const auto& [network, record] : recognition.items()) {
    if (!has(record, "classes")) continue;
    Json rows = Json::array();
    for (const auto& [name, both] : part(record, "classes").items())
      rows.push_back(row_of(class_in_words(name), both));
    rows.push_back(row_of("all", part(record, "accuracy")));
    networks.push_back({{"network", network},
                        {"arm", in_words(part(record, "arm"))},
                        {"rows", rows},
                        {"score_of_fakes", score_of(record, "fakes")},
                        {"score_of_reals", score_of(record, "reals")},
                        {"classes", part(record, "classes").size()},
                        {"fakes_only", fakes_only(run, network)}});
  }
  if (networks.empty()) return nullptr;
  return {{"networks", networks}};
}

}  // namespace ganymede::report
