#include <ganymede/tools/report/confusion.h>
#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

/// The share of the largest class, given as a number or with its class.
double majority_share(const Json& selector) {
  const Json& majority = part(selector, "majority");
  return majority.is_object() ? number_at(majority, "share") : number_at(selector, "majority");
}

std::string or_nothing(double value) { return std::isnan(value) ? "" : fixed(value); }

}  // namespace

Json selector_section(const Json& run) {
  const Json& selector = part(run, "selector");
  if (!has(selector, "network") && !has(selector, "confusion")) return nullptr;
  const Json& own = part(selector, "classes");
  const Json& classes = own.is_array() ? own : part(part(run, "data"), "classes");
  const double folds = number_at(selector, "folds"), images = number_at(selector, "images");
  return {{"network", has(selector, "network") ? in_words(part(selector, "network")) : ""},
          {"folds", folds > 1 ? thousands(folds) : ""},
          {"images", std::isnan(images) ? "" : thousands(images)},
          {"accuracy", or_nothing(number_at(selector, "accuracy"))},
          {"majority", or_nothing(majority_share(selector))},
          {"kappa", or_nothing(number_at(selector, "kappa"))},
          {"plot", confusion_plot("selector, out of fold", part(selector, "confusion"), classes)}};
}

}  // namespace ganymede::report
