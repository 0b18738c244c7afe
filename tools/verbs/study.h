#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede study`: does GAN augmentation help on this data?
void add_study(CommandLine& program);

}  // namespace ganymede
