#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede train`: a GAN alone.
void add_train(CommandLine& program);

}  // namespace ganymede
