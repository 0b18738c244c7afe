#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/set_size.h>

#include <algorithm>

#include <fmt/core.h>

namespace ganymede::quality {

std::string too_few_for_distance(int count_a, int count_b) {
  if (std::min(count_a, count_b) >= fewest_for_distance) return {};
  return fmt::format("{} images against {}: a distance of sets wants at least {} a side", count_a,
                     count_b, fewest_for_distance);
}

void require_enough_for_distance(int count_a, int count_b) {
  const std::string reason = too_few_for_distance(count_a, count_b);
  if (!reason.empty()) throw DataError(reason);
}

}  // namespace ganymede::quality
