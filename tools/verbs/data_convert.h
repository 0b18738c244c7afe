#pragma once

#include <ganymede/tools/command_line.h>

namespace ganymede {

/// `ganymede data convert`: DICOM, or any set, as PNG files that --data reads again.
void add_data_convert(CommandLine& data);

}  // namespace ganymede
