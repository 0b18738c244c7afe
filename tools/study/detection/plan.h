#pragma once

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/work_estimate.h>

namespace ganymede::study {

/// Adds the detectors and searches of a detection study: a step of each is timed.
void plan_detectors(const Context& context, WorkEstimate& plan);

}  // namespace ganymede::study
