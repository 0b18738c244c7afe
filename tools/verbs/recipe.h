#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede recipe`: the shipped recipes, and a recipe with every key resolved.
void add_recipe(CommandLine& program);

}  // namespace ganymede
