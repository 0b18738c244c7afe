#include <ganymede/models/quality/nearest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

constexpr int neighbours = 50;
constexpr double never = std::numeric_limits<double>::infinity();

/// Partial sums in one fixed order; four vector registers, so that no addition waits for the last.
double squared_distance(const float* a, const float* b, std::size_t n) {
  constexpr std::size_t lanes = 64;
  float sums[lanes] = {};
  double total = 0;
  std::size_t i = 0;
  while (i + lanes <= n) {
    const std::size_t stop = std::min(n - lanes, i + 16384);  // short runs: floats hold them
    for (; i <= stop; i += lanes)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const float gap = a[i + lane] - b[i + lane];
        sums[lane] += gap * gap;
      }
    for (float& sum : sums) {
      total += sum;
      sum = 0;
    }
  }
  for (; i < n; ++i) total += double(a[i] - b[i]) * double(a[i] - b[i]);
  return total;
}

std::vector<float> mirrored(const ImageSet& set, std::size_t index) {
  const auto image = set.image(index);
  std::vector<float> result(image.size());
  for (int y = 0; y < set.height; ++y)
    for (int x = 0; x < set.width; ++x)
      for (int c = 0; c < set.channels; ++c)
        result[(std::size_t(y) * set.width + x) * set.channels + c] =
            image[(std::size_t(y) * set.width + set.width - 1 - x) * set.channels + c];
  return result;
}

/// Distance to the nearest over the mean distance to those that follow it; 1 where none follows.
double relative_distance(double nearest, std::vector<double> distances) {
  std::erase(distances, never);
  const auto last = std::min<std::size_t>(distances.size(), neighbours + 1);
  if (last < 2) return 1;
  std::partial_sort(distances.begin(), distances.begin() + std::ptrdiff_t(last), distances.end());
  double sum = 0;
  for (std::size_t i = 1; i < last; ++i) sum += distances[i];
  return sum > 0 ? nearest * double(last - 1) / sum : 1;
}

Nearest nearest_to(const ImageSet& queries, std::size_t query, const ImageSet& set,
                   std::span<const int> query_groups, std::span<const int> set_groups) {
  const auto plain = queries.image(query);
  const auto mirror = mirrored(queries, query);
  const bool grouped = !query_groups.empty() && !set_groups.empty();
  std::vector<double> distances(set.count, never);
  Nearest best{-1, false, never, 1};
  for (int i = 0; i < set.count; ++i) {
    if (grouped && query_groups[query] == set_groups[i]) continue;
    const double straight = rms_distance(plain, set.image(i));
    const double turned = rms_distance(mirror, set.image(i));
    distances[i] = std::min(straight, turned);
    if (distances[i] < best.distance) best = {i, turned < straight, distances[i], 1};
  }
  best.relative = relative_distance(best.distance, std::move(distances));
  return best;
}

void check_groups(const ImageSet& set, std::span<const int> groups) {
  if (!groups.empty() && groups.size() != std::size_t(set.count))
    throw ShapeError(
        fmt::format("nearest_images: {} groups for {} images", groups.size(), set.count));
}

}  // namespace

double rms_distance(std::span<const float> a, std::span<const float> b) {
  return std::sqrt(squared_distance(a.data(), b.data(), a.size()) / double(a.size()));
}

std::vector<Nearest> nearest_images(const ImageSet& queries, const ImageSet& set,
                                    std::span<const int> query_groups,
                                    std::span<const int> set_groups) {
  check_image_set("nearest_images", queries);
  check_image_set("nearest_images", set);
  check_groups(queries, query_groups);
  check_groups(set, set_groups);
  if (queries.height != set.height || queries.width != set.width ||
      queries.channels != set.channels)
    throw ShapeError(fmt::format("nearest_images: {}x{}x{} against {}x{}x{}", queries.height,
                                 queries.width, queries.channels, set.height, set.width,
                                 set.channels));
  std::vector<Nearest> result(queries.count);
#pragma omp parallel for schedule(dynamic, 4)
  for (int i = 0; i < queries.count; ++i)
    result[i] = nearest_to(queries, std::size_t(i), set, query_groups, set_groups);
  return result;
}

}  // namespace ganymede::quality
