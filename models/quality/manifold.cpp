#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/manifold.h>

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

/// By differences, not by products: equal images are 0 apart, and ties stay ties.
double squared_distance(const double* a, const double* b, int n) {
  constexpr int lanes = 32;
  double sums[lanes] = {};
  int i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int lane = 0; lane < lanes; ++lane) {
      const double gap = a[i + lane] - b[i + lane];
      sums[lane] += gap * gap;
    }
  double total = 0;
  for (const double sum : sums) total += sum;
  for (; i < n; ++i) total += (a[i] - b[i]) * (a[i] - b[i]);
  return total;
}

/// Squared distances, a row for each image of `a`.
std::vector<double> squared_distances(const Features& a, const Features& b) {
  constexpr int tile = 32;  // rows of b that stay in the cache while rows of a pass by
  std::vector<double> result(std::size_t(a.count) * b.count);
#pragma omp parallel for schedule(static)
  for (int from = 0; from < a.count; from += tile)
    for (int start = 0; start < b.count; start += tile)
      for (int i = from; i < std::min(a.count, from + tile); ++i)
        for (int j = start; j < std::min(b.count, start + tile); ++j)
          result[std::size_t(i) * b.count + j] = squared_distance(
              &a.values[std::size_t(i) * a.dims], &b.values[std::size_t(j) * b.dims], a.dims);
  return result;
}

/// Squared distance of each image to its k-th nearest other one.
std::vector<double> radii(const Features& set, int k) {
  auto distances = squared_distances(set, set);
  std::vector<double> result;
  for (int i = 0; i < set.count; ++i) {
    const auto row = distances.begin() + std::ptrdiff_t(i) * set.count;
    row[i] = std::numeric_limits<double>::infinity();  // itself is no neighbour
    std::nth_element(row, row + (k - 1), row + set.count);
    result.push_back(row[k - 1]);
  }
  return result;
}

void check(const char* who, const Features& real, const Features& fake, int k) {
  if (real.dims != fake.dims)
    throw ShapeError(fmt::format("{}: {} dims against {}", who, real.dims, fake.dims));
  if (k < 1 || std::min(real.count, fake.count) <= k)
    throw DataError(fmt::format("{}: {} real images and {} fakes; the {}-th neighbour wants more",
                                who, real.count, fake.count, k));
}

/// How many entries of column j of n x m satisfy `inside(i, j)`, for each j.
template <class Inside>
std::vector<int> counts_of_columns(int n, int m, Inside inside) {
  std::vector<int> counts(static_cast<std::size_t>(m), 0);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < m; ++j) counts[std::size_t(j)] += inside(i, j);
  return counts;
}

double share_of_positive(const std::vector<int>& counts) {
  return double(std::ranges::count_if(counts, [](int c) { return c > 0; })) / double(counts.size());
}

}  // namespace

PrecisionRecall precision_recall(const Features& real, const Features& fake, int neighbours) {
  check("precision_recall", real, fake, neighbours);
  const auto real_radii = radii(real, neighbours), fake_radii = radii(fake, neighbours),
             across = squared_distances(real, fake);
  const auto at = [&](int i, int j) { return across[std::size_t(i) * fake.count + j]; };
  const auto balls_of_reals = counts_of_columns(
      real.count, fake.count, [&](int i, int j) { return at(i, j) <= real_radii[i]; });
  const auto balls_of_fakes = counts_of_columns(
      fake.count, real.count, [&](int j, int i) { return at(i, j) <= fake_radii[j]; });
  return {share_of_positive(balls_of_reals), share_of_positive(balls_of_fakes), neighbours};
}

DensityCoverage density_coverage(const Features& real, const Features& fake, int neighbours) {
  check("density_coverage", real, fake, neighbours);
  const auto limits = radii(real, neighbours), across = squared_distances(real, fake);
  const auto inside = [&](int i, int j) {
    return across[std::size_t(i) * fake.count + j] < limits[i];
  };
  double balls = 0;
  for (const int count : counts_of_columns(real.count, fake.count, inside)) balls += count;
  const auto held =
      counts_of_columns(fake.count, real.count, [&](int j, int i) { return inside(i, j); });
  return {balls / neighbours / fake.count, share_of_positive(held), neighbours};
}

}  // namespace ganymede::quality
