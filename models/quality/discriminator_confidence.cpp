#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/discriminator_confidence.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

void check(std::span<const float> iteration, std::span<const float> score, double epochs,
           double last_epochs) {
  if (iteration.size() != score.size())
    throw ShapeError(fmt::format("discriminator_confidence: {} iterations and {} scores",
                                 iteration.size(), score.size()));
  if (iteration.empty())
    throw DataError("discriminator_confidence: the history is empty; train first");
  if (iteration.front() <= 0 ||
      std::ranges::adjacent_find(iteration, std::ranges::greater_equal{}) != iteration.end())
    throw DataError("discriminator_confidence: the iterations of the history do not ascend");
  if (!(epochs > 0) || !(last_epochs > 0))
    throw UsageError(
        fmt::format("discriminator_confidence: the last {} of {} epochs; both are "
                    "above 0",
                    last_epochs, epochs));
}

}  // namespace

DiscriminatorConfidence discriminator_confidence(std::span<const float> iteration,
                                                 std::span<const float> score_fake, double epochs,
                                                 double last_epochs) {
  check(iteration, score_fake, epochs, last_epochs);
  const double last = iteration.back(), per_epoch = last / epochs;
  const double from = std::max(0., last - last_epochs * per_epoch);
  DiscriminatorConfidence result;
  double weight = 0, squares = 0;
  for (std::size_t i = 0; i < iteration.size(); ++i) {
    if (iteration[i] <= from) continue;
    // An entry is the mean since the entry before: only its part inside the window counts.
    const double since = std::max(from, i == 0 ? 0. : double(iteration[i - 1]));
    const double share = iteration[i] - since, gap = score_fake[i] - result.mean_fake;
    weight += share;
    result.mean_fake += gap * share / weight;
    squares += share * gap * (score_fake[i] - result.mean_fake);
    ++result.entries;
  }
  const double n = result.entries;
  result.sd = n > 1 ? std::sqrt(squares / weight * n / (n - 1)) : 0;
  result.epochs = weight / per_epoch;
  return result;
}

}  // namespace ganymede::quality
