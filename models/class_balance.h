#pragma once

#include <cstdint>
#include <vector>

namespace ganymede {

/// Weights of the classes' losses that make up for unequal sizes: N / (K n_c), K the number of
/// classes that have images (scikit-learn's "balanced", as Keras's class_weight takes them); their
/// mean over the images is 1. 0 for a class without images. labels: class index of each image, in
/// [0, classes); throws UsageError for another.
std::vector<float> balanced_weights(const std::vector<std::int32_t>& labels, int classes);

}  // namespace ganymede
