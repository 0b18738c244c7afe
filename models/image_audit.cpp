#include <ganymede/models/image_audit.h>
#include <ganymede/models/image_features.h>

namespace ganymede {
quality::TwoSpaceAudit audit_images(FeatureExtractor& extractor, const quality::ImageSet& fakes,
                                    const quality::ImageSet& train,
                                    const quality::ImageSet& held_out,
                                    std::span<const int> train_groups,
                                    std::span<const int> held_out_groups,
                                    const quality::AuditOptions& options) {
  return quality::audit_both_spaces(fakes, train, held_out, mirrored_features(extractor, fakes),
                                    mirrored_features(extractor, train),
                                    mirrored_features(extractor, held_out), train_groups,
                                    held_out_groups, options);
}

}  // namespace ganymede
