#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include <ganymede/data/image.h>
#include <ganymede/models/gan_training.h>

namespace ganymede::study {

/// How a GAN trained, for run.json: iterations, sizes, losses, and a Wasserstein critic's estimate.
nlohmann::ordered_json training_record(GanTraining& training, const nlohmann::json& speed);

/// Mean pairwise L1 among the first 64 of each, values in [0, 1]; null where one has fewer than
/// two.
nlohmann::ordered_json diversity_record(const std::vector<Image>& fakes,
                                        const std::vector<Image>& reals);

}  // namespace ganymede::study
