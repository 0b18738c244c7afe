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

/// The same of a discriminator that ends in a sigmoid: a sentence when its mean scores of the last
/// tenth of the training (5 entries at least) are above .99 for reals and generated images alike,
/// or below .01 for both, in every entry: the sigmoid's gradient is lost there. Empty below 20
/// entries.
std::string discriminator_warning(const GanHistory& history);

/// critic_warning for wasserstein, discriminator_warning for probabilities; empty for least squares
/// without a sigmoid, whose gradient nothing loses.
std::string training_warning(const GanOptions& options, const GanHistory& history);

}  // namespace ganymede
