#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/kernel_matrix.h>
#include <ganymede/models/quality/splitmix.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

/// The first `size` of a shuffle of 0 .. count-1; all of them in order where that is all.
std::vector<int> draw(int count, int size, SplitMix64& random) {
  std::vector<int> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  if (size == count) return order;
  for (int i = 0; i < size; ++i)
    std::swap(order[i], order[i + int(random.below(std::uint32_t(count - i)))]);
  order.resize(std::size_t(size));
  return order;
}

/// The kernel between both sets and within each.
struct Kernels {
  Kernels(const Features& a, const Features& b) : aa(a, a), bb(b, b), ab(a, b) {}
  KernelMatrix aa, bb, ab;
};

double unbiased_mmd2(const Kernels& k, std::span<const int> a, std::span<const int> b) {
  const double m = double(a.size()), n = double(b.size());
  return k.aa.sum_off_diagonal(a) / (m * (m - 1)) + k.bb.sum_off_diagonal(b) / (n * (n - 1)) -
         2 * k.ab.sum(a, b) / (m * n);
}

double jackknife_variance(std::span<const double> without) {
  const double n = double(without.size());
  const double mean = std::accumulate(without.begin(), without.end(), 0.) / n;
  double sum = 0;
  for (const double value : without) sum += (value - mean) * (value - mean);
  return sum * (n - 1) / n;
}

/// Of the statistic of all images with each of the first set left out in turn, up to a constant.
double variance_of(const KernelMatrix& own, std::span<const double> across, double others) {
  const std::vector<double> within = own.row_sums_off_diagonal();
  const double n = double(within.size());
  if (n < 3) return 0;
  const double all_within = std::accumulate(within.begin(), within.end(), 0.),
               all_across = std::accumulate(across.begin(), across.end(), 0.);
  std::vector<double> without;
  for (std::size_t i = 0; i < within.size(); ++i)
    without.push_back((all_within - 2 * within[i]) / ((n - 1) * (n - 2)) -
                      2 * (all_across - across[i]) / ((n - 1) * others));
  return jackknife_variance(without);
}

double standard_error(const Kernels& k) {
  const auto rows = k.ab.row_sums(), columns = k.ab.column_sums();
  return std::sqrt(variance_of(k.aa, rows, double(columns.size())) +
                   variance_of(k.bb, columns, double(rows.size())));
}

double sd_of(std::span<const double> values, double mean) {
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / double(std::max<std::size_t>(1, values.size() - 1)));
}

}  // namespace

Kid kid(const Features& a, const Features& b, int subsets, std::uint64_t seed) {
  if (a.dims != b.dims) throw ShapeError(fmt::format("kid: {} dims against {}", a.dims, b.dims));
  const int size = std::min({a.count, b.count, 1000});
  if (size < 2)
    throw DataError(fmt::format("kid: it needs at least 2 images in each, got {}", size));
  if (size == a.count && size == b.count) subsets = 1;
  if (subsets < 1) throw UsageError(fmt::format("kid: {} subsets; it wants at least 1", subsets));
  const Kernels kernels(a, b);
  std::vector<double> values(static_cast<std::size_t>(subsets));
#pragma omp parallel for schedule(static)
  for (int s = 0; s < subsets; ++s) {
    SplitMix64 random(seed, std::uint64_t(s));
    const auto from_a = draw(a.count, size, random);
    values[std::size_t(s)] = unbiased_mmd2(kernels, from_a, draw(b.count, size, random));
  }
  const double mean = std::accumulate(values.begin(), values.end(), 0.) / subsets;
  return {mean, sd_of(values, mean), standard_error(kernels), subsets, size};
}

}  // namespace ganymede::quality
