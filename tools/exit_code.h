#pragma once

#include <exception>

namespace ganymede {

/// What the program exits with.
enum ExitCode : int {
  done = 0,
  failed = 1,
  bad_usage = 2,
  bad_data = 3,
  no_device = 4,
  stopped = 130
};

/// Of an error that ended a verb: SettingError 2; FormatError, DataError and FileError 3;
/// DeviceError 4; Interrupted 130; anything else 1, because it is a fault of ours.
int exit_code_of(const std::exception& error);

}  // namespace ganymede
