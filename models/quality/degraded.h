#pragma once

#include <ganymede/models/quality/image_set.h>

#include <cstdint>
#include <vector>

namespace ganymede::quality {

/// The images under a Gaussian of standard deviation `sigma` pixels, cut at 4 sigma, borders
/// mirrored (edge pixels repeated once). Throws UsageError for a sigma that is not above 0.
std::vector<float> gaussian_blurred(const ImageSet& images, double sigma);

/// As many images of independent uniform values between the lowest and the highest value of
/// `images`, by the seed. Throws DataError for no image.
std::vector<float> uniform_noise(const ImageSet& images, std::uint64_t seed);

}  // namespace ganymede::quality
