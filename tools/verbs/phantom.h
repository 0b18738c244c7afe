#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede phantom`: writes a procedural data set with known truth.
void add_phantom(CommandLine& program);

}  // namespace ganymede
