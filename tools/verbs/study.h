#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede::verbs {

/// `ganymede study`: does GAN augmentation help on this data?
void add_study(CommandLine& program);

}  // namespace ganymede::verbs
