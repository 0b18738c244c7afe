#pragma once

#include <string>

#include <ganymede/data/hounsfield.h>
#include <ganymede/data/image.h>

namespace ganymede {

/// How Hounsfield units become grey.
struct Window {
  /// fixed: [low, high]; file: the file's first window, else all of its values; paper: negative
  /// values become 0, then the image's own maximum white, as paper 004's cited recipe does.
  enum class Kind { fixed, file, paper };
  Kind kind = Kind::fixed;
  double low = 0, high = 80;  ///< of a fixed one
};

/// "paper", "brain" (centre 40, width 80), "subdural" (80, 200), "bone" (600, 2800), "soft"
/// (40, 380), "file", or "[lo,hi]". Throws SettingError naming these.
Window parse_window(const std::string& text);

/// Grey of 8 or 16 bits: low and below is 0, high and above the greatest value, linear between;
/// turned about where the slice is inverted; padding is 0.
Image windowed(const Hounsfield& slice, const Window& window, int bits = 16);

}  // namespace ganymede
