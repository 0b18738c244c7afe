#pragma once

#include <string>

#include <ganymede/data/image.h>

namespace ganymede {

/// area: mean over the covered rectangle; bilinear: triangle of support 1; bicubic: Catmull-Rom
/// (a = -0.5) of support 2. Bilinear and bicubic widen their support when they shrink, as Pillow
/// does, so none of them aliases.
enum class Resize { area, bilinear, bicubic };

/// "area", "bilinear" or "bicubic"; throws SettingError for another word.
Resize resize_mode(const std::string& name);
std::string name_of(Resize mode);

/// Separable resampling with pixel centres at i + 1/2. Channels and depth stay; values are rounded
/// once, at the end, and clamped. Throws ShapeError for extents below 1.
Image resize(const Image& image, int height, int width, Resize mode);

}  // namespace ganymede
