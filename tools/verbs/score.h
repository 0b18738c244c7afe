#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede score`: measures of generated images beside real ones.
void add_score(CommandLine& program);

}  // namespace ganymede
