#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/words.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

/// "0.81 to 0.85"; empty where an end is missing.
std::string ends_in_words(const Json& json) {
  const double low = number_at(json, "low"), high = number_at(json, "high");
  if (std::isnan(low) || std::isnan(high)) return "";
  return fixed(low) + " to " + fixed(high);
}

/// What the paper found, under its own lower-case keys; NaN where it is silent.
double papers_number(const Json& detection, const std::string& arm, std::string key) {
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return number_at(part(part(detection, "paper"), arm), key);
}

std::string paper_in_words(double value, int digits) {
  return std::isnan(value) ? "" : "paper: " + fixed(value, digits);
}

bool any_has(const Json& detection, const char* key) {
  const auto all = detectors_of(detection);
  return std::any_of(all.begin(), all.end(), [&](const auto& d) { return has(*d.record, key); });
}

Json auc_cell(const Json& detection, const Detector& detector) {
  const Json& auc = part(*detector.record, "auc");
  const bool several = part(auc, "per_seed").size() > 1;
  const auto delong = ends_in_words(part(*detector.record, "delong"));
  return {{"value", fixed(number_at(auc, "value"))},
          {"sd", several && has(auc, "sd") ? fixed(number_at(auc, "sd")) : ""},
          {"interval", ends_in_words(auc)},
          {"delong", delong},
          {"below", number_at(auc, "value") < 0.5},
          {"paper", paper_in_words(papers_number(detection, detector.name, "auc"), 2)}};
}

/// The mean of the other classes less that of the learnt one.
std::string gap_in_words(double gap) { return gap > 0 ? "+" + four_digits(gap) : four_digits(gap); }

Json mean_cells(const Json& detection, const Detector& detector) {
  Json cells = Json::array();
  for (const auto& name : scored_classes(detection)) {
    const double paper = papers_number(detection, detector.name, name);
    cells.push_back({{"value", four_digits(number_at(part(*detector.record, "mean_score"), name))},
                     {"paper", paper_in_words(paper, 0)}});
  }
  return cells;
}

Json training_cell(const Detector& detector) {
  const Json& images = part(*detector.record, "training_images");
  const double real = number_at(images, "real"), generated = number_at(images, "generated");
  return {{"real", thousands(real)}, {"generated", generated > 0 ? thousands(generated) : ""}};
}

Json row_of(const Json& run, const Detector& detector) {
  const Json& detection = part(run, "detection");
  return {{"name", detector.name},
          {"baseline", detector.baseline},
          {"primary", is_compared(run, detector.name)},
          {"auc", auc_cell(detection, detector)},
          {"means", mean_cells(detection, detector)},
          {"gap", gap_in_words(number_at(*detector.record, "gap"))},
          {"images", training_cell(detector)},
          {"steps", thousands(number_at(*detector.record, "steps"))}};
}

/// Arms that trained longer may be better for that alone.
bool steps_differ(const Json& detection) {
  double first = NAN;
  for (const auto& arm : arms_of_detectors(detection)) {
    const double steps = number_at(*arm.record, "steps");
    if (!std::isnan(steps) && !std::isnan(first) && steps != first) return true;
    if (!std::isnan(steps)) first = steps;
  }
  return false;
}

/// True where the arm without generated images trained as long as the longest with them.
bool oversample_is_longest(const Json& detection) {
  double longest = 0;
  for (const auto& arm : arms_of_detectors(detection))
    longest = std::fmax(longest, number_at(*arm.record, "steps"));
  return number_at(part(part(detection, "detectors"), "oversample"), "steps") == longest;
}

/// What a detector was trained on; empty for an arm of another name.
std::string meaning_of(const std::string& arm) {
  if (arm == "none") return "the real images alone";
  if (arm == "anogan") return "real images, and images that AnoGAN's own generator made of them";
  if (arm == "gan") return "real images, and variations of real images by the augmentation GAN";
  if (arm == "classic") return "real images, classically augmented (moved, turned, scaled)";
  if (arm == "oversample")
    return "real images, and as many of them again as generated images were wanted";
  return "";
}

Json meanings_of(const Json& detection) {
  Json meanings = Json::array();
  for (const auto& arm : arms_of_detectors(detection))
    if (const auto text = meaning_of(arm.name); !text.empty())
      meanings.push_back({{"arm", arm.name}, {"text", text}});
  return meanings;
}

bool any_below_chance(const Json& detection) {
  const auto all = detectors_of(detection);
  return std::any_of(all.begin(), all.end(), [](const auto& detector) {
    return number_at(part(*detector.record, "auc"), "value") < .5;
  });
}

}  // namespace

Json arms_table(const Json& run) {
  const Json& detection = part(run, "detection");
  Json rows = Json::array(), heads = Json::array();
  const auto detectors = detectors_of(detection);
  for (const auto& detector : detectors) rows.push_back(row_of(run, detector));
  for (const auto& name : scored_classes(detection)) heads.push_back(class_in_words(name));
  const Json meanings = meanings_of(detection);
  const bool has_baseline = !detectors.empty() && detectors.back().baseline;
  return {{"rows", rows},
          {"heads", heads},
          {"head", arms_of_detectors(detection).size() > 1 ? "Arm" : "Detector"},
          {"meanings", meanings},
          {"has_meanings", !meanings.empty()},
          {"has_baseline", has_baseline},
          {"has_paper", has(detection, "paper")},
          {"has_sd", trainings_of(detection) > 1},
          {"has_gap", any_has(detection, "gap")},
          {"has_images", any_has(detection, "training_images")},
          {"has_steps", any_has(detection, "steps")},
          {"has_delong", any_has(detection, "delong")},
          {"below", any_below_chance(detection)},
          {"compared", has(part(run, "verdict"), "arm")},
          {"unequal", steps_differ(detection)},
          {"oversample", oversample_is_longest(detection)}};
}

}  // namespace ganymede::report
