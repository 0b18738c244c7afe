#pragma once

#include <ganymede/engine/random.h>
#include <ganymede/engine/var.h>

namespace ganymede {

/// x with each element kept, times 1 / (1 - rate), with probability 1 - rate, else 0 (Srivastava et
/// al. 2014, scaled in training). 0 <= rate < 1.
Var dropout(const Var& x, Rng& rng, float rate);

}  // namespace ganymede
