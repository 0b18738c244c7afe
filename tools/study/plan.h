#pragma once

#include <string>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/work_estimate.h>

namespace ganymede::study {

/// The work of the study, a step of each network timed on this machine.
WorkEstimate make_plan(const Context& context);

/// For a person: the data, the arms, the plan, and what --quick changed.
std::string plan_text(const Context& context, const WorkEstimate& plan,
                      const std::vector<RecipeChange>& quick);

}  // namespace ganymede::study
