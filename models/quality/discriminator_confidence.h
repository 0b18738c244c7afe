#pragma once

#include <span>

namespace ganymede::quality {

/// Paper 004's measure of a finished training: how real the discriminator held the fakes to be
/// towards the end.
struct DiscriminatorConfidence {
  double mean_fake = 0;  ///< mean D(fake), as GanHistory::score_fake: in [0, 1] where D is a
                         ///< probability (bce, least_squares with its sigmoid)
  double sd = 0;         ///< between the log entries (n - 1); 0 for one
  double epochs = 0;     ///< that the mean covers; fewer where the training was shorter
  int entries = 0;       ///< log entries averaged
};

/// The mean of `score_fake` over the log entries of the last `last_epochs` epochs, each weighted by
/// the iterations it stands for. `iteration` ascends and ends at the last iteration done; `epochs`
/// is how many epochs these iterations made (GanTraining::epochs_done).
/// The share says nothing alone: .5 is what a perfect generator reaches, and a discriminator that
/// learnt nothing too. Throws ShapeError for other lengths, DataError for an empty history or one
/// that does not ascend, UsageError for epochs that are not above 0.
DiscriminatorConfidence discriminator_confidence(std::span<const float> iteration,
                                                 std::span<const float> score_fake, double epochs,
                                                 double last_epochs = 20);

}  // namespace ganymede::quality
