#pragma once

#include <memory>

#include <ganymede/models/classifier.h>

namespace ganymede {

/// Huang et al., "Densely connected convolutional networks", CVPR 2017: DenseNet-BC with 121, 161,
/// 169 or 201 layers, growth 32 (161: 48), compression 1/2. Variant `keras` has epsilon 1.001e-5,
/// `torchvision` 1e-5; there are no biases in either. With depth 121, 3 channels and 1,000 classes:
/// 7,978,856 trainable parameters. Throws SettingError for another depth.
std::unique_ptr<Classifier> make_densenet(int depth, const NetworkOptions& options, const Rng& rng);

}  // namespace ganymede
