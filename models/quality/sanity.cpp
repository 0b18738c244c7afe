#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/resample_units.h>
#include <ganymede/models/quality/sanity.h>
#include <ganymede/models/quality/set_size.h>

#include <algorithm>
#include <vector>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

struct Halves {
  std::vector<int> a, b;  // images
};

Halves split(const ResampleUnits& units, SplitMix64 random) {
  auto order = units.all();
  shuffle(order, random);
  const auto in_a = units.counts(std::span(order).first(order.size() / 2));
  Halves halves;
  for (std::size_t i = 0; i < in_a.size(); ++i) (in_a[i] ? halves.a : halves.b).push_back(int(i));
  return halves;
}

Features rows_of(const Features& features, std::span<const int> rows) {
  std::vector<double> values;
  for (const int row : rows) {
    const auto from = features.values.begin() + std::ptrdiff_t(row) * features.dims;
    values.insert(values.end(), from, from + features.dims);
  }
  return {std::span<const double>(values), int(rows.size()), features.dims};
}

/// Half A, and what it is held against.
struct Contestants {
  Features a, b, blurred, noise;
};

template <class Distance>
void add(SanityRow& row, const Contestants& sets, int splits, Distance distance) {
  const double halves = distance(sets.a, sets.b), blurred = distance(sets.a, sets.blurred),
               noise = distance(sets.a, sets.noise);
  row.halves += halves / splits;
  row.blurred += blurred / splits;
  row.noise += noise / splits;
  row.ordered += halves < blurred && blurred < noise;
}

void check(const Features& plain, const Features& other) {
  if (plain.count != other.count || plain.dims != other.dims)
    throw ShapeError(fmt::format("sanity_table: {} x {} features against {} x {}", plain.count,
                                 plain.dims, other.count, other.dims));
}

std::string line(const std::string& features, const SanityTable& table, const char* measure,
                 const SanityRow& row) {
  return fmt::format("| {} | {} | {} | {} | {:.3g} | {:.3g} | {:.3g} | {} of {} |\n", features,
                     table.dims, table.half, measure, row.halves, row.blurred, row.noise,
                     row.ordered, table.splits);
}

}  // namespace

std::string SanityTable::rows(const std::string& features) const {
  std::string text = line(features, *this, "KID", kid);
  if (frechet) text += line(features, *this, "Frechet", *frechet);
  return text;
}

SanityTable sanity_table(const Features& plain, const Features& blurred, const Features& noise,
                         std::span<const int> groups, int splits, std::uint64_t seed) {
  check(plain, blurred);
  check(plain, noise);
  if (splits < 1) throw UsageError("sanity_table: no split is asked for");
  const ResampleUnits units(plain.count, groups);
  SanityTable table;
  table.splits = splits, table.dims = plain.dims;
  SanityRow frechet;
  int halves = 0, smallest = plain.count;
  for (int s = 0; s < splits; ++s) {
    const Halves half = split(units, SplitMix64(seed, std::uint64_t(s)));
    require_enough_for_distance(int(half.a.size()), int(half.b.size()));
    const Contestants sets{rows_of(plain, half.a), rows_of(plain, half.b), rows_of(blurred, half.b),
                           rows_of(noise, half.b)};
    const int least = std::min(sets.a.count, sets.b.count);
    halves += least;
    smallest = std::min(smallest, least);
    add(table.kid, sets, splits, [](const auto& x, const auto& y) { return kid(x, y).mean; });
    if (smallest > plain.dims)
      add(frechet, sets, splits,
          [](const auto& x, const auto& y) { return frechet_distance(x, y); });
  }
  table.half = halves / splits;
  if (smallest > plain.dims) table.frechet = frechet;
  return table;
}

}  // namespace ganymede::quality
