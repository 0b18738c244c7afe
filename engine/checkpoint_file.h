#pragma once
// Checkpoints as bytes on disk: the head that proves them whole, and the one before.
//
// The first 512 bytes (HDF5's user block) are text, padded with zeros:
//   ganymede-checkpoint 1
//   bytes <of the whole file>
//   sha256 <of everything after the head>

#include <cstddef>
#include <span>
#include <string>

namespace ganymede {

/// Where the checkpoint before `path` is kept: "gan.h5" -> "gan.previous.h5".
std::string previous_checkpoint(const std::string& path);

/// Fills in the head of a finished image and replaces `path` by it; what was there becomes the
/// previous checkpoint. Throws FileError as replace_file does.
void write_checkpoint_file(const std::string& path, std::span<std::byte> image);

enum class Origin { ganymede, foreign };

/// Proves a file whole before anybody parses it. A foreign HDF5 file has no head to check. Throws
/// FileError for a file that cannot be read and FormatError for one that is damaged, truncated or
/// no HDF5 file; the message offers the previous checkpoint where there is a whole one.
Origin verify_checkpoint_file(const std::string& path);

}  // namespace ganymede
