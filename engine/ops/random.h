#pragma once

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/random.h>
#include <ganymede/engine/var.h>

namespace ganymede {

/// activation(x) with each element kept, times 1 / (1 - rate), with probability 1 - rate, else 0
/// (Srivastava et al. 2014, scaled in training). 0 <= rate < 1. activation: none or leaky_relu, in
/// the same pass, forward and backward; any order of derivative.
Var dropout(const Var& x, Rng& rng, float rate, Activation activation = Activation::none,
            float slope = 0.0f);

}  // namespace ganymede
