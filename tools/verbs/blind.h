#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede blind`: a page on which people say what is real.
void add_blind(CommandLine& program);

}  // namespace ganymede
