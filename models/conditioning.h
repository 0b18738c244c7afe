#pragma once
// How a conditional GAN is told the class: one-hot numbers beside z, one-hot planes beside the
// image's channels (Mirza and Osindero 2014, with planes as in Radford-style networks).

#include <cstdint>
#include <vector>

#include <ganymede/engine/var.h>

namespace ganymede {

/// z (N x L) and labels (i32, N) -> N x (L + classes); z itself where classes is 0.
Tensor latent_with_class(const Tensor& z, const Tensor& labels, int classes);

/// Images (N x H x W x C) and labels (i32, N) -> N x H x W x (C + classes): a plane of ones for the
/// image's class, zeros for the others; the images themselves where classes is 0.
Var image_with_class(const Var& images, const Tensor& labels, int classes);

/// n times the same label, i32; empty where classes is 0.
Tensor same_label(std::int64_t n, int label, int classes);

}  // namespace ganymede
