#include "compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede::bench {
namespace {

using Json = nlohmann::json;

struct TimedRow {
  double median, fastest;
};
using TimedRows = std::map<std::string, TimedRow>;

/// What was timed, in words.
std::string name_of_entry(const Json& entry) {
  constexpr const char* keys[] = {"device", "math", "work",  "recipe",  "network", "op",   "layer",
                                  "shape",  "size", "width", "classes", "input",   "batch"};
  std::string name;
  for (const char* key : keys) {
    const auto found = entry.find(key);
    if (found == entry.end()) continue;
    if (!name.empty()) name += ' ';
    name += found->is_string() ? found->get<std::string>() : std::string(key) + " " + found->dump();
  }
  return name;
}

/// Each time of each entry.
TimedRows rows_of(const Json& numbers, const std::string& run) try {
  TimedRows rows;
  for (const Json& entry : numbers.at("results"))
    for (const auto& [time, fastest] : entry.at("fastest").items()) {
      const std::string what = time == "seconds" ? "" : ", " + time;
      rows[name_of_entry(entry) + what] = {entry.at(time).get<double>(), fastest.get<double>()};
    }
  return rows;
} catch (const Json::exception& e) {
  throw FormatError("the numbers of the " + run +
                    " run are not as a bench writes them: " + e.what());
}

/// Rows that the other run lacks.
std::vector<std::string> missing(const TimedRows& from, const TimedRows& other) {
  std::vector<std::string> names;
  for (const auto& [name, row] : from)
    if (!other.contains(name)) names.push_back(name);
  return names;
}

void print(const Comparison& comparison) {
  fmt::print("\n{:>8} {:>12} {:>12}  row\n", "ratio", "before, us", "now, us");
  for (const ComparedRow& row : comparison.rows)
    fmt::print("{:>8.3f} {:>12.1f} {:>12.1f}  {}{}\n", row.ratio(), 1e6 * row.before, 1e6 * row.now,
               row.name, row.slower ? "  SLOWER" : "");
  for (const std::string& name : comparison.only_before) fmt::print("only before: {}\n", name);
  for (const std::string& name : comparison.only_now) fmt::print("only now: {}\n", name);
}

}  // namespace

Comparison compare(const Json& before, const Json& now, double tolerance) {
  const TimedRows old_rows = rows_of(before, "earlier"), new_rows = rows_of(now, "present");
  Comparison comparison{.rows = {},
                        .only_before = missing(old_rows, new_rows),
                        .only_now = missing(new_rows, old_rows)};
  for (const auto& [name, row] : new_rows) {
    const auto old = old_rows.find(name);
    if (old == old_rows.end()) continue;
    const double limit = tolerance * old->second.median;
    comparison.rows.push_back({name, old->second.median, row.median, row.fastest > limit});
  }
  return comparison;
}

void finish_numbers(const CommonOptions& o, const Json& numbers) {
  Json before;
  if (!o.compare.empty()) {  // read first: --json may name the same file
    const std::vector<std::uint8_t> bytes = read_file(o.compare);
    before = Json::parse(bytes.begin(), bytes.end());
  }
  if (!o.json.empty()) write_file(o.json, numbers.dump(2) + "\n");
  if (o.compare.empty()) return;
  const Comparison comparison = compare(before, numbers, o.tolerance);
  print(comparison);
  const auto slower = std::ranges::count_if(comparison.rows, &ComparedRow::slower);
  if (comparison.rows.empty()) throw Error("--compare " + o.compare + ": no row in common");
  if (slower > 0)
    throw Error(fmt::format("--compare {}: {} of {} rows are slower than {} times", o.compare,
                            slower, comparison.rows.size(), o.tolerance));
}

}  // namespace ganymede::bench
