#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede detect`: how unlike the learnt class each test image is.
void add_detect(CommandLine& program);

}  // namespace ganymede
