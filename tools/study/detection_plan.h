#pragma once

#include <ganymede/tools/study/plan.h>

namespace ganymede::study {

/// Adds the detectors and searches of a detection study: a step of each is timed.
void plan_detectors(const Context& context, Plan& plan);

}  // namespace ganymede::study
