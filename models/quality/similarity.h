#pragma once

#include <span>
#include <vector>

namespace ganymede::quality {

/// One image for the functions below: height x width x channels, interleaved.
struct Picture {
  std::span<const float> values;
  int height = 0, width = 0, channels = 1;
};

/// SSIM (Wang, Bovik, Sheikh and Simoncelli 2004) in double: 11 x 11 Gaussian window of sd 1.5 over
/// all places inside the image, C1 = (.01 L)^2, C2 = (.03 L)^2, mean over places and channels; in
/// [-1, 1], 1 for equal images. `range` is L, the span of possible values (2 for [-1, 1]).
/// Throws ShapeError for pictures of other sizes or a side below 11, UsageError for a range that is
/// not above 0.
double ssim(const Picture& a, const Picture& b, double range);

/// The published weights of the scales, finest first (Wang, Simoncelli and Bovik 2003).
inline constexpr double ms_ssim_weights[] = {.0448, .2856, .3001, .2363, .1333};

/// How many of the five scales a picture of that smaller side has: each halves it, and the window
/// wants 11 pixels at the last. 5 from 176 pixels on, 4 from 88, 3 from 44, 2 from 22, 1 from 11; 0
/// below.
int ms_ssim_scales(int smaller_side);

/// MS-SSIM: the product over the scales of (mean contrast x structure)^weight, at the coarsest of
/// (mean SSIM)^weight; between scales means of 2 x 2 pixels (an odd last row or column is left
/// out), per channel, then the mean over channels. A negative mean counts as 0. With fewer than
/// five scales the weights of the finest ones are divided by their sum, so that values of other
/// sizes are other measures: name the scales beside them. Errors as ssim.
double ms_ssim(const Picture& a, const Picture& b, double range);

}  // namespace ganymede::quality
