#pragma once

#include <ganymede/engine/var.h>

namespace ganymede {

/// Mean structural similarity of each image of x with its partner in z, both N x H x W x C with H
/// and W at least 11: N values, at most 1, and 1 only for equal images (Wang et al. 2004: Gaussian
/// window of 11 x 11 and sigma 1.5, K1 .01, K2 .03, windows inside the image, mean over windows
/// and channels). range: of the values, 1 for [0, 1]. Forward and backward are fused; derivatives
/// beyond the first go through plain ops. Throws ShapeError for extents, SettingError for a range
/// that is not positive.
Var ssim(const Var& x, const Var& z, float range = 1.0f);

}  // namespace ganymede
