#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede classify`: train one classifier, or test one on images.
void add_classify(CommandLine& program);

}  // namespace ganymede
