#pragma once

#include <string>

namespace ganymede::quality {

/// The fewest images a side of which a Frechet distance, a KID or an extrapolation is reported:
/// below it the distances of two halves of one set vary more than those of different sets do.
inline constexpr int fewest_for_distance = 50;

/// Why nothing is reported of sets of that many images, for a person; "" where there is no reason.
/// The only place of that rule: whoever prints such a number asks here first.
std::string too_few_for_distance(int count_a, int count_b);

/// Throws DataError with that reason.
void require_enough_for_distance(int count_a, int count_b);

}  // namespace ganymede::quality
