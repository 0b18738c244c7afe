#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede sample`: images and a grid from a trained generator.
void add_sample(CommandLine& program);

}  // namespace ganymede
