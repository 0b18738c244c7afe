#pragma once

#include <memory>
#include <string>

#include <ganymede/kernels/plan.h>

namespace ganymede {

/// Writes a table of timed plans as JSON. Throws FileError.
void save_kernel_table(const std::string& path, const kernels::KernelTable& table);

/// Reads one, and notes the file's name and SHA-256. Throws FileError, FormatError naming the place
/// for a file that is no such table, and SettingError for one of another version of Ganymede, whose
/// kernels may differ, or with a plan that its device has not.
std::shared_ptr<const kernels::KernelTable> load_kernel_table(const std::string& path);

/// "h200.json 5f2a...", for records; "" where the stream has no table.
std::string kernel_table_text(const Stream& stream);

}  // namespace ganymede
