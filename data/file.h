#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ganymede {

/// The whole file. Throws FileError when it is missing or cannot be read, FormatError above
/// `limit` bytes.
std::vector<std::uint8_t> read_file(const std::string& path,
                                    std::size_t limit = std::size_t{1} << 30);

/// Writes beside `path`, syncs and renames, so that a reader finds the old file or the new one,
/// never a part. Throws FileError with the system's reason (disk full, no permission) and leaves
/// nothing.
void write_file(const std::string& path, const void* bytes, std::size_t count);
void write_file(const std::string& path, const std::string& text);

/// Creates a folder and its parents. Throws FileError.
void make_folder(const std::string& path);

}  // namespace ganymede
