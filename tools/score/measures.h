#pragma once
// What generated images are worth beside real ones, as JSON that names what it was measured on.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/quality/memorisation_spaces.h>
#include <ganymede/tools/score/image_folder.h>

namespace ganymede::score {

using Json = nlohmann::ordered_json;

/// Name, dims and resize of the features, n of both sides; Frechet distance (interval,
/// extrapolated, bias where n < d) and KID, or the reason why not; precision, recall, density,
/// coverage, null where there are too few images.
Json feature_measures(FeatureExtractor& extractor, const ImageFolder& real, const ImageFolder& fake,
                      std::uint64_t seed);

/// Mean SSIM, MS-SSIM and L1 among the images of each side; the first two null below 11 pixels.
Json diversity_measures(const ImageFolder& real, const ImageFolder& fake, std::uint64_t seed);

/// A classifier of ours asked about fakes and reals: an Inception-like score of each, with its
/// file's name. Throws what load_classifier throws.
Json classifier_score(const std::string& file, const ImageFolder& real, const ImageFolder& fake);

/// What the memorisation audit compares with.
struct AuditSets {
  const ImageFolder& fake;
  const ImageFolder& train;
  const ImageFolder* held_out = nullptr;  ///< null: only near-identity can be judged
};

/// In pixels, and, where images are held out, in the features of `extractor`. `pairs` gets the
/// nearest pairs, closest first.
Json memorisation_audit(const AuditSets& sets, FeatureExtractor& extractor,
                        std::vector<quality::NearestPair>& pairs);

}  // namespace ganymede::score
