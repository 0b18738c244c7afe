#pragma once

#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/image_set.h>
#include <ganymede/models/quality/nearest.h>

namespace ganymede {

/// The features of images in [0, 1]. Throws what the extractor throws, ShapeError for pixels that
/// do not fill the stated extents.
quality::Features image_features(FeatureExtractor& extractor, const quality::ImageSet& images);

/// The same, and those of the mirror images.
quality::MirroredFeatures mirrored_features(FeatureExtractor& extractor,
                                            const quality::ImageSet& images);

}  // namespace ganymede
