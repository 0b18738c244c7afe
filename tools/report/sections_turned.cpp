#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

/// "generated from NORMAL against real PNEUMONIA" -> NORMAL, PNEUMONIA; empty for other names.
struct Sides {
  std::string from, real;
};

Sides sides_of(const std::string& name) {
  constexpr std::string_view begin = "generated from ", between = " against real ";
  const auto at = name.find(between);
  if (!name.starts_with(begin) || at == std::string::npos) return {};
  return {name.substr(begin.size(), at - begin.size()), name.substr(at + between.size())};
}

std::string meaning_of(const Sides& sides, const std::string& learnt) {
  const auto from = class_in_words(sides.from), real = class_in_words(sides.real);
  if (from.empty()) return "";
  const bool from_learnt = sides.from == learnt, against_learnt = sides.real == learnt;
  if (from_learnt && against_learnt)
    return fmt::format(
        "Control: both sides are {}, one of them generated. Whatever differs from 0.5 here is the "
        "mark of the generator, not of disease.",
        real);
  if (against_learnt)
    return fmt::format(
        "Control: near 0.5, {0} images turned by the generator look like real {1} to the detector; "
        "far from it, they do not.",
        from, real);
  if (sides.from == sides.real)
    return fmt::format(
        "{0} images turned by the generator, beside real {0}. Near 0.5 they still look like {0} to "
        "the detector, near 1 they no longer do. The control with {1} on both sides says how much "
        "of "
        "that is due to being generated.",
        from, class_in_words(learnt));
  return fmt::format("Images of {} made by the generator, beside real {}.", from, real);
}

std::string told_apart(const Json& auc) {
  const double low = number_at(auc, "low"), high = number_at(auc, "high");
  if (std::isnan(low) || std::isnan(high)) return "";
  if (low > .5) return "told apart";
  return high < .5 ? "told apart, the other way round" : "not told apart";
}

Json turned_row(const std::string& name, const Json& record, const std::string& learnt) {
  const Json& auc = part(record, "auc");
  const double paper = number_at(record, "paper");
  const bool interval = !std::isnan(number_at(auc, "low"));
  return {{"name", name},
          {"auc", fixed(number_at(auc, "value"))},
          {"interval",
           interval ? fixed(number_at(auc, "low")) + " to " + fixed(number_at(auc, "high")) : ""},
          {"paper", std::isnan(paper) ? "" : fixed(paper, 2)},
          {"result", told_apart(auc)},
          {"generated", in_words(part(record, "generated"))},
          {"real", in_words(part(record, "real"))},
          {"positive", in_words(part(record, "positive"))},
          {"meaning", meaning_of(sides_of(name), learnt)}};
}

Json augmentation_row(const std::string& arm, const Json& source) {
  const double inputs = number_at(source, "inputs"), kept = number_at(source, "kept");
  return {{"arm", arm},
          {"class", class_in_words(in_words(part(source, "class")))},
          {"inputs", thousands(inputs)},
          {"kept", thousands(kept)},
          {"ssim", fixed(number_at(source, "ssim_to_input"), 2)},
          {"residual", four_digits(number_at(source, "mean_residual"))}};
}

}  // namespace

Json turned_table(const Json& detection) {
  const auto learnt = in_words(part(detection, "train_class"));
  Json rows = Json::array();
  for (const auto& [name, record] : part(detection, "turned").items())
    if (record.is_object()) rows.push_back(turned_row(name, record, learnt));
  if (rows.empty()) return nullptr;
  return {{"rows", rows}};
}

Json augmentation_table(const Json& detection) {
  Json rows = Json::array();
  bool ssim = false, residual = false;
  for (const auto& [arm, made] : part(detection, "augmentation").items())
    for (const auto& source : part(made, "of")) {
      rows.push_back(augmentation_row(arm, source));
      ssim = ssim || !std::isnan(number_at(source, "ssim_to_input"));
      residual = residual || !std::isnan(number_at(source, "mean_residual"));
    }
  if (rows.empty()) return nullptr;
  return {{"rows", rows}, {"has_ssim", ssim}, {"has_residual", residual}};
}

}  // namespace ganymede::report
