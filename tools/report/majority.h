#pragma once

#include <ganymede/tools/report/run_json.h>

#include <string>
#include <string_view>

namespace ganymede::report {

/// What always answering with the largest class of the test part reaches: every accuracy has to be
/// read against it. Shown for more than two classes, and for two where the larger one has more than
/// 55 %: of balanced classes everybody knows it.
bool shows_majority(const Json& run);

/// "always “normal”".
std::string always_in_words(const Json& run);

/// What a metric of run.json is for that answer; NaN where the shares do not say it. All images
/// score alike, so AUC is .5 and kappa 0.
double majority_metric(const Json& run, std::string_view metric);

}  // namespace ganymede::report
