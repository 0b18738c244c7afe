#pragma once

#include <ganymede/data/phantom/layer.h>
#include <ganymede/data/phantom/thorax.h>

namespace ganymede::phantom {

/// Draws the vessels of both lungs: from each hilum outwards, forking and thinning.
void draw_lung_vessels(const Thorax& thorax, HostRng& rng, Layer& layer);

}  // namespace ganymede::phantom
