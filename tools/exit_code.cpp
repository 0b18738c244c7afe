#include <ganymede/tools/exit_code.h>

#include <filesystem>

#include <ganymede/kernels/error.h>

#include <ganymede/tools/interrupt.h>

namespace ganymede {
namespace {

template <class... Errors>
bool is_one_of(const std::exception& error) {
  return (... || (dynamic_cast<const Errors*>(&error) != nullptr));
}

}  // namespace

int exit_code_of(const std::exception& error) {
  if (is_one_of<SettingError>(error)) return bad_usage;
  if (is_one_of<FormatError, DataError, FileError>(error)) return bad_data;
  if (is_one_of<std::filesystem::filesystem_error>(error)) return bad_data;  // it names the path
  if (is_one_of<DeviceError>(error)) return no_device;
  if (is_one_of<Interrupted>(error)) return stopped;
  return failed;
}

}  // namespace ganymede
