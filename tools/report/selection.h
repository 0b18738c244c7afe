#pragma once

#include <ganymede/tools/report/run_json.h>

#include <string>

namespace ganymede::report {

/// `synthetic.<class>.selection` as bars: what is left after each reason to leave fakes out, in the
/// order in which they are asked. Empty where there is no selection.
std::string selection_plot(const std::string& of_class, const Json& selection);

}  // namespace ganymede::report
