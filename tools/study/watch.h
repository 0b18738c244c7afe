#pragma once
// [watch]: how a GAN's images come nearer to reals that it never saw, while it trains.

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/data/image.h>
#include <ganymede/models/gan_training.h>
#include <ganymede/models/recipe.h>

namespace ganymede::study {

/// Validation images of the classes that a GAN learns.
struct HeldOut {
  std::vector<Image> images;
  std::vector<int> labels;  ///< of each its class; 0 for a GAN that knows none
};

/// [watch] without the distance. Throws SettingError for keep_best or patience without looks.
GanWatch watch_rules(const Recipe& recipe);

/// Starts the watch that the recipe asks for: KID (Binkowski et al. 2018) on watch.features between
/// held-out images, 1,000 of them at most, and as many generated ones of the same classes. Nothing
/// where it asks for none or fewer than 50 are held out.
void start_watch(GanTraining& training, const Recipe& recipe, const HeldOut& held_out,
                 std::uint64_t seed);

/// For run.json: `iteration`, `kid`, what was compared, which generator is taken; the `reason`
/// where there are too few images. Null where the recipe asks for no watch.
nlohmann::ordered_json watch_record(const GanTraining& training, const Recipe& recipe,
                                    const HeldOut& held_out);

}  // namespace ganymede::study
