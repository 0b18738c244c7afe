#pragma once
// Plans by the clock instead of the model.

#include <vector>

#include <ganymede/kernels/plan.h>

#include "works.h"

namespace ganymede::bench {

/// Times every eligible plan of every product among the works on the stream, in its math mode, and
/// gives the fastest of each; equal products once. Prints a row for each beside the model's plan.
/// `seconds` is spent on each plan. The stream is left without a table. Throws SettingError for a
/// CPU stream, whose routes follow from the shape alone.
kernels::KernelTable tune(Stream& stream, const std::vector<Work>& works, double seconds);

}  // namespace ganymede::bench
