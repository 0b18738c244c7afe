#include <ganymede/tools/report/sections.h>
#include <ganymede/tools/report/svg_bars.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

double count_at(const Json& row, const char* key) {
  const double value = number_at(row, key);
  return std::isnan(value) ? 0 : value;
}

bool oversamples(const Json& balance) {
  for (const auto& row : part(balance, "rows"))
    if (count_at(row, "oversampled") > 0) return true;
  return false;
}

/// Per class a bar of reals and fakes, and under it the control: reals repeated instead.
std::string balance_plot(const Json& balance) {
  BarPlot plot{"Training images of each class", "training images", {}, {"real", "synthetic"}};
  if (oversamples(balance)) plot.legend.emplace_back("real, repeated (the control)");
  for (const auto& row : part(balance, "rows")) {
    const double reals = count_at(row, "reals"), fakes = count_at(row, "fakes");
    const double repeated = count_at(row, "oversampled");
    plot.rows.push_back({in_words(part(row, "class")),
                         {{reals, 0, false}, {fakes, 1, false}},
                         thousands(reals + fakes)});
    if (oversamples(balance))
      plot.rows.push_back({"", {{reals, 0, true}, {repeated, 2, false}}, "", true});
  }
  return bar_plot(plot);
}

std::string plan_in_words(const std::string& plan) {
  if (plan == "select.keep") return "as many as the selection keeps";
  if (plan == "fixed") return "the numbers given in balance.fakes";
  if (plan == "per_real") return "so many fakes for each real image of a class";
  if (plan == "fill") return "smaller classes are filled up to the largest";
  return "";
}

}  // namespace

Json balance_section(const Json& run) {
  const Json& balance = part(run, "balance");
  if (!has(balance, "rows")) return nullptr;
  Json rows = Json::array();
  for (const auto& row : part(balance, "rows")) {
    const double reals = count_at(row, "reals"), fakes = count_at(row, "fakes");
    rows.push_back({{"name", in_words(part(row, "class"))},
                    {"reals", thousands(reals)},
                    {"fakes", thousands(fakes)},
                    {"sum", thousands(reals + fakes)},
                    {"oversampled", thousands(count_at(row, "oversampled"))}});
  }
  const double copies = number_at(balance, "copies");
  const auto plan = has(balance, "plan") ? in_words(part(balance, "plan")) : "";
  return {{"plan", plan},
          {"meaning", plan_in_words(plan)},
          {"unit", has(balance, "unit") ? in_words(part(balance, "unit")) : ""},
          {"copies", copies > 1 ? thousands(copies) : ""},
          {"oversamples", oversamples(balance)},
          {"rows", rows},
          {"plot", balance_plot(balance)}};
}

}  // namespace ganymede::report
