#pragma once
// What networks are trained for. All are means over the batch, scalars.

#include <functional>

#include <ganymede/engine/var.h>

namespace ganymede {

/// -mean(log softmax(z)[label]); logits N x classes, one-hot (or soft) targets of the same extents.
Var cross_entropy(const Var& logits, const Tensor& targets);

/// lambda E((|grad_x D(x)| - 1)^2) at x = real + u (fake - real), u ~ U(0, 1) per sample (Gulrajani
/// et al. 2017, eq. 3). `discriminator` gives N x 1 for N images; `uniform`: N numbers in [0, 1).
Var gradient_penalty(const std::function<Var(const Var&)>& discriminator, const Tensor& real,
                     const Tensor& fake, const Tensor& uniform, float lambda);

/// mean(weight (s - target)^2) of scores s (N x 1; Mao et al. 2017); weights N, none: ones.
Var least_squares(const Var& scores, float target, const Var& weights = {});

/// (1 - SSIM) / 2 of each image with its partner, both in [-1, 1], N x H x W x C: N values in [0,
/// 1], 0 for equal images (paper 002's weight of the generator's loss; SSIM is taken of [0, 1], as
/// its luminance term wants).
Var dissimilarity(const Var& x, const Var& y);

}  // namespace ganymede
