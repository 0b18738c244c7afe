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

/// What is searched: images or features, a row each.
struct Rows {
  std::span<const float> values;
  int count;
  std::size_t size;

  std::span<const float> row(std::size_t i) const { return values.subspan(i * size, size); }
};

/// `excluded` says which rows are passed over.
template <class Excluded>
Nearest nearest_to(std::span<const float> plain, std::span<const float> mirror, const Rows& set,
                   Excluded excluded) {
  std::vector<double> distances(set.count, never);
  Nearest best{-1, false, never, 1};
  for (int i = 0; i < set.count; ++i) {
    if (excluded(i)) continue;
    const double straight = rms_distance(plain, set.row(std::size_t(i)));
    const double turned = rms_distance(mirror, set.row(std::size_t(i)));
    distances[i] = std::min(straight, turned);
    if (distances[i] < best.distance) best = {i, turned < straight, distances[i], 1};
  }
  best.relative = relative_distance(best.distance, std::move(distances));
  return best;
}

/// Whether query and row i of the set are of one group.
auto same_group(std::span<const int> query_groups, std::size_t query,
                std::span<const int> set_groups) {
  const bool grouped = !query_groups.empty() && !set_groups.empty();
  return [=](int i) { return grouped && query_groups[query] == set_groups[i]; };
}

void check_groups(const char* who, int images, std::span<const int> groups) {
  if (!groups.empty() && groups.size() != std::size_t(images))
    throw ShapeError(fmt::format("{}: {} groups for {} images", who, groups.size(), images));
}

void check_mirrored(const MirroredFeatures& queries, const Features& set) {
  if (queries.plain.count != queries.mirrored.count)
    throw ShapeError(fmt::format("nearest_features: {} images and {} mirrored ones",
                                 queries.plain.count, queries.mirrored.count));
  for (const int dims : {queries.plain.dims, queries.mirrored.dims})
    if (dims != set.dims)
      throw ShapeError(fmt::format("nearest_features: {} dims against {}", dims, set.dims));
}

std::vector<float> floats(const Features& features) {
  return {features.values.begin(), features.values.end()};
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
  check_groups("nearest_images", queries.count, query_groups);
  check_groups("nearest_images", set.count, set_groups);
  if (queries.height != set.height || queries.width != set.width ||
      queries.channels != set.channels)
    throw ShapeError(fmt::format("nearest_images: {}x{}x{} against {}x{}x{}", queries.height,
                                 queries.width, queries.channels, set.height, set.width,
                                 set.channels));
  const Rows rows{set.pixels, set.count, set.size()};
  std::vector<Nearest> result(queries.count);
#pragma omp parallel for schedule(dynamic, 4)
  for (int i = 0; i < queries.count; ++i)
    result[i] = nearest_to(queries.image(std::size_t(i)), mirrored(queries, std::size_t(i)), rows,
                           same_group(query_groups, std::size_t(i), set_groups));
  return result;
}

std::vector<Nearest> nearest_features(const MirroredFeatures& queries, const Features& set,
                                      std::span<const int> query_groups,
                                      std::span<const int> set_groups) {
  check_mirrored(queries, set);
  check_groups("nearest_features", queries.plain.count, query_groups);
  check_groups("nearest_features", set.count, set_groups);
  const auto plain = floats(queries.plain), turned = floats(queries.mirrored),
             searched = floats(set);
  const std::size_t size = std::size_t(set.dims);
  const Rows rows{searched, set.count, size};
  const int count = queries.plain.count;
  std::vector<Nearest> result(static_cast<std::size_t>(count));
#pragma omp parallel for schedule(dynamic, 4)
  for (int i = 0; i < count; ++i) {
    const std::size_t at = std::size_t(i) * size;
    result[std::size_t(i)] =
        nearest_to(std::span(plain).subspan(at, size), std::span(turned).subspan(at, size), rows,
                   same_group(query_groups, std::size_t(i), set_groups));
  }
  return result;
}

}  // namespace ganymede::quality
