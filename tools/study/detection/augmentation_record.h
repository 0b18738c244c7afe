#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/detection/augmentation.h>

namespace ganymede::study {

/// Of the images that one GAN made in the first seed, by the class of what they were made from: how
/// many, how many were kept, their mean structural similarity to it (null below 11 pixels a side).
/// Adds pictures of pairs to `pictures`.
nlohmann::ordered_json augmentation_record(const Context& context, const Synthesis& made,
                                           Augmenter by, nlohmann::ordered_json& pictures);

}  // namespace ganymede::study
