#pragma once

#include <span>

#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/quality/memorisation_spaces.h>

namespace ganymede {

/// The memorisation audit in pixels and in the extractor's features, as audit_both_spaces. Images
/// in [0, 1]. Errors are its and the extractor's.
quality::TwoSpaceAudit audit_images(FeatureExtractor& extractor, const quality::ImageSet& fakes,
                                    const quality::ImageSet& train,
                                    const quality::ImageSet& held_out,
                                    std::span<const int> train_groups = {},
                                    std::span<const int> held_out_groups = {},
                                    const quality::AuditOptions& options = {});

}  // namespace ganymede
