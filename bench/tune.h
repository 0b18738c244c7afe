#pragma once
// Plans by the clock instead of the model.

#include <vector>

#include <ganymede/kernels/plan.h>

#include "works.h"

namespace ganymede::bench {

/// Eligible plans of a work's product that would run there: none where it is no product or goes by
/// minimal filtering, which asks for no plan, and none by warpgroups for operands that these cannot
/// take.
std::vector<kernels::ProductPlan> plans_that_run(const Work& work, const kernels::Hardware& device,
                                                 MathMode mode);

/// Times every plan that runs of every product among the works on the stream, in its math mode, and
/// gives the fastest of each; equal products once. Prints a row for each beside the model's plan.
/// `seconds` is spent on each plan. The stream is left without a table. Throws SettingError for a
/// CPU stream, whose routes follow from the shape alone.
kernels::KernelTable tune(Stream& stream, const std::vector<Work>& works, double seconds);

}  // namespace ganymede::bench
