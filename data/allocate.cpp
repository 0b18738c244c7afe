#include <ganymede/data/allocate.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>

namespace ganymede {
namespace {

bool fits(const Bundle& bundle, const std::vector<int>& room) {
  for (std::size_t c = 0; c < room.size(); ++c)
    if (bundle.by_class[c] > room[c]) return false;
  return true;
}

/// Room in the classes that the bundle has.
int room_for(const Bundle& bundle, const std::vector<int>& room) {
  int sum = 0;
  for (std::size_t c = 0; c < room.size(); ++c)
    if (bundle.by_class[c] > 0) sum += room[c];
  return sum;
}

int choose_bin(const Bundle& bundle, const std::vector<std::vector<int>>& room, HostRng& rng) {
  std::uint32_t total = 0;
  for (const auto& bin : room)
    if (fits(bundle, bin)) total += static_cast<std::uint32_t>(room_for(bundle, bin));
  if (total == 0) {  // too large for every bin: where it overflows least
    const auto widest = std::max_element(
        room.begin(), room.end(),
        [&](const auto& a, const auto& b) { return room_for(bundle, a) < room_for(bundle, b); });
    return static_cast<int>(widest - room.begin());
  }
  std::uint32_t drawn = rng.below(total);
  for (std::size_t bin = 0; bin < room.size(); ++bin) {
    if (!fits(bundle, room[bin])) continue;
    const auto width = static_cast<std::uint32_t>(room_for(bundle, room[bin]));
    if (drawn < width) return static_cast<int>(bin);
    drawn -= width;
  }
  return 0;
}

/// How many bundles of the class each bin holds.
std::vector<int> holders(const std::vector<Bundle>& bundles, const std::vector<int>& bins,
                         std::size_t bin_count, std::size_t c) {
  std::vector<int> held(bin_count, 0);
  for (std::size_t i = 0; i < bundles.size(); ++i)
    if (bundles[i].by_class[c] > 0) ++held[bins[i]];
  return held;
}

/// Where large bundles left a bin without a class that it wants, the smallest bundle with it moves
/// there from the bin that holds most of them.
void fill_gaps(const std::vector<Bundle>& bundles, const std::vector<std::vector<int>>& wanted,
               std::vector<int>& bins) {
  for (std::size_t bin = 0; bin < wanted.size(); ++bin)
    for (std::size_t c = 0; c < wanted[bin].size(); ++c) {
      const std::vector<int> held = holders(bundles, bins, wanted.size(), c);
      const auto richest = std::max_element(held.begin(), held.end());
      if (wanted[bin][c] == 0 || held[bin] > 0 || *richest < 2) continue;
      int moved = -1;
      for (std::size_t i = 0; i < bundles.size(); ++i)
        if (bins[i] == richest - held.begin() && bundles[i].by_class[c] > 0 &&
            (moved < 0 || bundles[i].items.size() < bundles[moved].items.size()))
          moved = static_cast<int>(i);
      bins[moved] = static_cast<int>(bin);
    }
}

}  // namespace

std::vector<Bundle> bundle(const std::vector<int>& selected, const std::vector<int>& groups,
                           const std::vector<int>& classes, int class_count) {
  std::map<int, std::size_t> place;
  std::vector<Bundle> bundles;
  for (int item : selected) {
    const auto [it, is_new] = place.emplace(groups[item], bundles.size());
    if (is_new) bundles.push_back({{}, std::vector<int>(class_count, 0)});
    bundles[it->second].items.push_back(item);
    ++bundles[it->second].by_class[classes[item]];
  }
  return bundles;
}

std::vector<int> apportion(int total, const std::vector<double>& shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<int> counts(shares.size()), order(shares.size());
  std::vector<double> rest(shares.size());
  int left = total;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double exact = total * shares[i] / sum;
    counts[i] = static_cast<int>(std::floor(exact + 1e-9));
    rest[i] = exact - counts[i];
    left -= counts[i];
  }
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return rest[a] > rest[b] + 1e-9; });
  for (int i = 0; i < left; ++i) ++counts[order[i]];
  const auto positive = std::count_if(shares.begin(), shares.end(), [](double s) { return s > 0; });
  for (std::size_t i = 0; i < shares.size() && total >= positive; ++i)
    if (shares[i] > 0 && counts[i] == 0) {
      --*std::max_element(counts.begin(), counts.end());
      ++counts[i];
    }
  return counts;
}

std::vector<std::vector<int>> apportion_table(const std::vector<int>& rows,
                                              const std::vector<int>& columns) {
  std::vector<int> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return rows[a] < rows[b]; });
  std::vector<std::vector<int>> table(rows.size(), std::vector<int>(columns.size(), 0));
  std::vector<double> left(columns.begin(), columns.end());
  for (int row : order) {  // a row never wants more of a column than is left of it
    if (rows[row] == 0) continue;
    table[row] = apportion(rows[row], left);
    for (std::size_t c = 0; c < left.size(); ++c) left[c] -= table[row][c];
  }
  return table;
}

std::vector<int> allocate(const std::vector<Bundle>& bundles,
                          const std::vector<std::vector<int>>& wanted, HostRng& rng) {
  std::vector<std::vector<int>> room = wanted;
  std::vector<int> order(bundles.size()), bins(bundles.size());
  std::iota(order.begin(), order.end(), 0);
  rng.shuffle(std::span<int>(order));
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return bundles[a].items.size() > bundles[b].items.size(); });
  for (int i : order) {
    bins[i] = choose_bin(bundles[i], room, rng);
    for (std::size_t c = 0; c < bundles[i].by_class.size(); ++c)
      room[bins[i]][c] -= bundles[i].by_class[c];
  }
  fill_gaps(bundles, wanted, bins);
  return bins;
}

}  // namespace ganymede
