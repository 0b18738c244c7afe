#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede inspect`: the layers and parameter counts of a checkpoint's networks.
void add_inspect(CommandLine& program);

}  // namespace ganymede
