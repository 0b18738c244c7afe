#pragma once

#include <vector>

#include <ganymede/models/classifier.h>

namespace ganymede {

/// Class probabilities of resident images (u8 or u16) in inference mode, N x classes row-major;
/// they are resized to input x input.
std::vector<float> predict(Classifier& network, const Tensor& images, int input);

}  // namespace ganymede
