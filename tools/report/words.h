#pragma once

#include <ganymede/tools/report/run_json.h>

#include <string>
#include <string_view>
#include <vector>

namespace ganymede::report {

/// The part of `json` at `key`, or a null where there is none: every part of run.json is optional.
const Json& part(const Json& json, std::string_view key);

/// True for a part that is there and not empty.
bool has(const Json& json, std::string_view key);

/// The number at `key`; NaN where it is missing or null.
double number_at(const Json& json, std::string_view key);

/// The numbers of a list; NaN for null. Empty where there is no list.
std::vector<double> numbers_of(const Json& list);

/// Any value as a reader wants it: text as it is, whole numbers with separators, other numbers with
/// four digits, lists with commas, null as a dash.
std::string in_words(const Json& value);

/// "0.842", "+0.041"; a dash for NaN.
std::string fixed(double value, int digits = 3);
std::string with_sign(double value, int digits = 3);

/// "12,345".
std::string thousands(double value);

/// "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min".
std::string duration(double seconds);

/// "auc" -> "AUC", "balanced_accuracy" -> "balanced accuracy".
std::string metric_name(std::string_view key);

/// The metrics of an arm in the order of the report.
std::vector<std::string> metrics_of(const Json& network);

/// The arms in the order none, classic, gan, classic+gan, others.
std::vector<std::string> arms_of(const Json& run);

/// The networks of any arm, in the order of the file.
std::vector<std::string> networks_of(const Json& run);

}  // namespace ganymede::report
