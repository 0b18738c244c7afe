#pragma once
// Which kernel each contraction takes, and what to expect of it.

#include <string>
#include <vector>

#include "program.h"
#include "works.h"

namespace ganymede::bench {

/// Prints for each contraction its kernel and why; on a device with a sheet (floor.h) also its
/// floor and the share of it that the model expects. `device` is a sheet's word, "cpu", or "here":
/// the GPU where there is one, else the CPU. Markdown is "" for text, "layers" for a table of the
/// layers, "networks" for one of their sums. Throws SettingError for an unknown device, for
/// Markdown without a sheet, and for a table of another device.
void print_explanations(const CommonOptions& options, const std::string& device,
                        const std::string& markdown, const std::vector<Work>& contractions);

}  // namespace ganymede::bench
