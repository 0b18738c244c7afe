#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ganymede {

/// Replaces the file `path` by `bytes` so that a reader, a crash or a power cut meets either the
/// old contents or the new ones: written to `path`.tmp, synced, renamed, folder synced. Where
/// `previous` is not empty the old contents are kept under that name. Throws FileError with the
/// reason (for a full disk with the bytes needed and free); the old file is then untouched and the
/// temporary one removed. One writer per path at a time.
void replace_file(const std::string& path, std::span<const std::byte> bytes,
                  const std::string& previous = {});

}  // namespace ganymede
