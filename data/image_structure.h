#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace ganymede {

/// Why these bytes are no whole PNG, or "" when every chunk's checksum holds and IEND is reached. A
/// decoder may take a cut-off file for a picture with a grey end; this does not.
std::string png_fault(std::span<const std::uint8_t> bytes);
/// Why these bytes are no whole JPEG, or "": markers are walked through every scan to the end
/// marker.
std::string jpeg_fault(std::span<const std::uint8_t> bytes);

bool is_png(std::span<const std::uint8_t> bytes);
bool is_jpeg(std::span<const std::uint8_t> bytes);

}  // namespace ganymede
