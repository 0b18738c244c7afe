#pragma once
// Images from a generator, whoever holds it.

#include <ganymede/models/gan.h>

namespace ganymede {

/// z for n images: N(0, 1), or U(-1, 1).
Tensor draw_latent(const GanOptions& options, std::int64_t n, Rng& rng);

/// n images in [-1, 1] from a generator in inference mode, of class `of_class` where it is
/// conditional, varied from `sources` (N x H x W x C of the generator's own extents, N at least 1)
/// in turn where it makes variations. Throws UsageError for a class that a conditional generator
/// does not know, SettingError for missing sources, ShapeError for sources of other extents.
Tensor sample_generator(Sequential& generator, const GanOptions& options, std::int64_t n, Rng& rng,
                        int of_class = 0, const Tensor& sources = {});

/// An image for each row of z (N x latent): with `weights` of the classes (N x classes, one-hot or
/// a mixture) where the generator is conditional, varied from `sources` in turn where it makes
/// variations. Throws ShapeError for other extents of any of them, SettingError for missing
/// sources.
Tensor generate(Sequential& generator, const GanOptions& options, const Tensor& z,
                const Tensor& weights = {}, const Tensor& sources = {});

}  // namespace ganymede
