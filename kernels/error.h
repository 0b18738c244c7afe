#pragma once

#include <stdexcept>
#include <string>

namespace ganymede {

/// Base of everything the library throws. `what()` names the thing, the place and the mend.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Extents or dtypes do not fit an operation: "conv2d: input has 3 channels, the filter expects
/// 128".
struct ShapeError : Error {
  using Error::Error;
};

/// The API is used against its contract (updated between forward and grad, host read while
/// capturing).
struct UsageError : Error {
  using Error::Error;
};

/// A device is missing or failed, or its memory is exhausted. The program exits with 4.
struct DeviceError : Error {
  using Error::Error;
};

/// A file is damaged or not what its name says. The program exits with 3.
struct FormatError : Error {
  using Error::Error;
};

/// A data set, label file or split cannot be used as it is. The program exits with 3.
struct DataError : Error {
  using Error::Error;
};

/// A file cannot be read or written (missing, no permission, disk full). The program exits with 3.
struct FileError : Error {
  using Error::Error;
};

/// A setting, key or flag is wrong. The program exits with 2, or 3 where the setting came from a
/// file.
struct SettingError : Error {
  using Error::Error;
};

}  // namespace ganymede
