#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// How many fakes of each class the recipe wants for one split: select.keep where it is given, else
/// as balance.plan says; of a detector's class one for each image that is searched for.
std::vector<int> wanted_fakes(const Context& context, int fold);

/// Whether the fakes change the classes' proportions: then the arms include the control that
/// repeats reals to the same numbers.
bool changes_balance(const Recipe& recipe);

/// The plan before it runs: reals and wanted fakes of each class.
std::string balance_text(const Context& context);
/// What came of it in one unit: of each class the reals, the fakes wanted and those kept.
nlohmann::ordered_json balance_record(const Context& context, const Unit& unit,
                                      const std::vector<int>& kept);

/// Throws SettingError where select.keep and [balance] contradict each other or do not fit the
/// classes.
void require_balance(const Context& context);

}  // namespace ganymede::study
