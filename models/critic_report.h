#pragma once

#include <string>
#include <vector>

#include <ganymede/models/gan_training.h>

namespace ganymede {

/// Each entry's mean with its neighbours, over about a twentieth of the series (at least 5 entries,
/// fewer at the ends).
std::vector<float> smoothed(const std::vector<float>& series);

/// What a reader must know of a Wasserstein critic: a sentence when over the last tenth of the
/// training its estimate cannot be told from zero, or is below a twentieth of its smoothed maximum:
/// the generator then learns no more from it; or when three quarters of the last third are above 97
/// % of the maximum: clipped weights allow no more. Empty where the critic is informative, or there
/// are fewer than 50 entries.
std::string critic_warning(const GanHistory& history);

/// The same of a discriminator that gives a probability: a sentence when over the last tenth of the
/// training (5 entries at least) it calls reals and generated images alike by 99 %, real or not. A
/// sigmoid's gradient is lost there. Empty below 20 entries.
std::string discriminator_warning(const GanHistory& history);

/// Whichever of the two the objective asks for.
std::string training_warning(GanLoss loss, const GanHistory& history);

}  // namespace ganymede
