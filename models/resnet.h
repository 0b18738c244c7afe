#pragma once

#include <memory>

#include <ganymede/models/classifier.h>

namespace ganymede {

/// He et al., "Deep residual learning for image recognition", CVPR 2016, with 18, 34, 50, 101 or
/// 152 layers. Variant `keras` has biases in every convolution, epsilon 1.001e-5 and the stride in
/// a bottleneck's first 1x1; `torchvision` no biases, 1e-5 and the stride in the 3x3. With depth
/// 50, 3 channels, 2 classes and variant keras: 23,591,810 parameters, moving statistics included.
/// Throws SettingError for another depth.
std::unique_ptr<Classifier> make_resnet(int depth, const NetworkOptions& options, const Rng& rng);

}  // namespace ganymede
