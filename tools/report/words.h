#pragma once

#include <ganymede/tools/report/run_json.h>

#include <array>
#include <optional>
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

/// A score on any scale, to four digits: "473.2", "1.765", "12,346".
std::string four_digits(double value);

/// "0.013", "< 0.001".
std::string p_in_words(double p);

/// "12,345".
std::string thousands(double value);

/// "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min".
std::string duration(double seconds);

/// "auc" -> "AUC", for several classes "macro AUC"; "balanced_accuracy" -> "balanced accuracy".
std::string metric_name(std::string_view key, bool several);

/// A class where it stands in a sentence: "normal"; "class 3" for one whose name is a number.
std::string class_in_words(const std::string& name);

/// "macro AUC" -> "Macro AUC".
std::string heading(std::string text);

/// The metrics of an arm in the order of the report, `first` in front where it is there.
std::vector<std::string> metrics_of(const Json& network, const std::string& first);

/// The metric that decides; "auc" where there is no verdict.
std::string primary_metric(const Json& run);

/// What the audit compared fakes with, in the singular: "training image", or "real image" where
/// `score` was not told what the generator learnt from.
std::string audited_image(const Json& run);

/// How many of the images in `counts` (train, validation, test) were tested: with folds all, each
/// in one of them. NaN where that is not told.
double tested_images(const Json& run, const Json& counts);

/// The number at settings.TABLE.KEY; `fallback`, the recipes' default, for a run that has none.
double setting_or(const Json& run, std::string_view table, std::string_view key, double fallback);

/// The level of the study's intervals in percent, by study.alpha: "95".
std::string level_in_words(const Json& run);

/// True for the two arms of the comparison that was fixed beforehand.
bool is_compared(const Json& run, const std::string& arm);

/// True where the data has more than two classes that are told apart; a detector knows two, the
/// class it learnt and the rest.
bool several_classes(const Json& run);

/// The `interval` of a part of run.json; none where an end is missing.
std::optional<std::array<double, 2>> interval_of(const Json& json);

/// "0.841 to 0.902", with signs "+0.012 to +0.093"; a dash for none.
std::string interval_in_words(const Json& json, bool sign);

/// The arms in the order none, classic, gan, classic+gan, others.
std::vector<std::string> arms_of(const Json& run);

/// The networks of any arm, in the order of the file.
std::vector<std::string> networks_of(const Json& run);

}  // namespace ganymede::report
