#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/data/image.h>

namespace ganymede {

/// An animated PNG that plays for ever, each frame for so many milliseconds: browsers play it, a
/// viewer that does not know animations shows the first frame. 8 or 16 bits, 1 to 4 channels; the
/// same frames give the same bytes. Throws ShapeError for no frame or frames of different forms,
/// SettingError for milliseconds outside 1 to 65535.
std::vector<std::uint8_t> encode_png_animation(const std::vector<Image>& frames, int milliseconds);
/// Written atomically; throws FileError.
void write_png_animation(const std::string& path, const std::vector<Image>& frames,
                         int milliseconds);

}  // namespace ganymede
