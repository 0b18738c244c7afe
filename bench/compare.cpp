#include "compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include <ganymede/engine/kernel_table_file.h>
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
  constexpr const char* keys[] = {"device", "math",  "kernels", "work",        "recipe", "network",
                                  "op",     "layer", "shape",   "size",        "width",  "classes",
                                  "input",  "batch", "set",     "kernel_table"};
  std::string name;
  for (const char* key : keys) {
    const auto found = entry.find(key);
    if (found == entry.end() || (key == std::string_view("kernels") && *found == "own")) continue;
    if (!name.empty()) name += ' ';
    name += found->is_string() ? found->get<std::string>() : std::string(key) + " " + found->dump();
  }
  return name;
}

/// Each time of each entry.
TimedRows rows_of(const Json& numbers, const std::string& whose) try {
  TimedRows rows;
  for (const Json& entry : numbers.at("results"))
    for (const auto& [time, fastest] : entry.at("fastest").items()) {
      const std::string what = time == "seconds" ? "" : ", " + time;
      rows[name_of_entry(entry) + what] = {entry.at(time).get<double>(), fastest.get<double>()};
    }
  return rows;
} catch (const Json::exception& e) {
  throw FormatError(whose + ": not numbers as a bench writes them with --json: " + e.what());
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
  const TimedRows old_rows = rows_of(before, "the earlier run"),
                  new_rows = rows_of(now, "the present run");
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

void note_kernel_table(const Stream& stream, Json& entry) {
  if (const std::string table = kernel_table_text(stream); !table.empty())
    entry["kernel_table"] = table;
}

Json earlier_numbers(const CommonOptions& o) {
  if (o.compare.empty()) return {};
  const std::vector<std::uint8_t> bytes = read_file(o.compare);
  try {
    Json before = Json::parse(bytes.begin(), bytes.end());
    rows_of(before, "--compare " + o.compare);
    return before;
  } catch (const Json::parse_error& e) {
    throw FormatError("--compare " + o.compare + ": not JSON: " + e.what());
  }
}

void finish_numbers(const CommonOptions& o, const Json& before, const Json& now) {
  if (!o.json.empty()) write_file(o.json, now.dump(2) + "\n");
  if (before.is_null()) return;
  const Comparison comparison = compare(before, now, o.tolerance);
  print(comparison);
  const auto slower = std::ranges::count_if(comparison.rows, &ComparedRow::slower);
  if (comparison.rows.empty()) throw Error("--compare " + o.compare + ": no row in common");
  if (slower > 0)
    throw Error(fmt::format("--compare {}: {} of {} rows are slower than {} times", o.compare,
                            slower, comparison.rows.size(), o.tolerance));
}

}  // namespace ganymede::bench
