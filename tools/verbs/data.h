#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede data`: what a data set holds, before anything is trained on it.
void add_data(CommandLine& program);

}  // namespace ganymede
