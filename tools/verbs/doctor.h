#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede doctor`: what this machine and this build can do, and what is missing.
void add_doctor(CommandLine& program);

}  // namespace ganymede
