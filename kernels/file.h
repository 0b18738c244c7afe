#pragma once
// Whole files, read and written.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ganymede {

/// The whole file. Throws FileError when it is missing or cannot be read, FormatError above
/// `limit` bytes.
std::vector<std::uint8_t> read_file(const std::string& path,
                                    std::size_t limit = std::size_t{1} << 30);

/// Replaces the file `path` by `bytes` so that a reader, a crash or a power cut meets either the
/// old contents or the new ones: written to `path`.tmp, synced, renamed, folder synced. Where
/// `previous` is not empty the old contents are kept under that name. Throws FileError with the
/// reason (for a full disk with the bytes needed and free); the old file is then untouched and the
/// temporary one removed. One writer per path at a time.
void replace_file(const std::string& path, std::span<const std::byte> bytes,
                  const std::string& previous = {});
/// The same for text.
void write_file(const std::string& path, const std::string& text);

/// Creates a folder and its parents. Throws FileError.
void make_folder(const std::string& path);

/// Throws FileError for anything but an empty folder or nothing at all.
void require_empty_folder(const std::string& path);

}  // namespace ganymede
