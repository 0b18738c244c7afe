#pragma once

#include <vector>

#include <ganymede/kernels/host_rng.h>

namespace ganymede {

/// Items that must stay together, and how many of each class they are.
struct Bundle {
  std::vector<int> items;
  std::vector<int> by_class;
};

/// The items of `selected` bundled by group, in order of first appearance.
std::vector<Bundle> bundle(const std::vector<int>& selected, const std::vector<int>& groups,
                           const std::vector<int>& classes, int class_count);

/// Whole numbers near total * shares that sum to total (largest remainder, ties to the first);
/// where total allows, every share above 0 gets at least 1.
std::vector<int> apportion(int total, const std::vector<double>& shares);

/// Whole numbers near rows[r] * columns[c] / sum with exactly these sums of rows and columns, which
/// must have one total: table[r][c]. Small rows are rounded first, so that the large ones, where it
/// matters least, make up for it.
std::vector<std::vector<int>> apportion_table(const std::vector<int>& rows,
                                              const std::vector<int>& columns);

/// Puts whole bundles into bins that want wanted[bin][class] items. Large bundles are placed first;
/// each goes to a bin where it fits, drawn in proportion to the room left there. The wants are met
/// exactly unless a bundle fits nowhere; no bin stays without a class that it wants while another
/// has two bundles of it. Returns the bin of each bundle.
std::vector<int> allocate(const std::vector<Bundle>& bundles,
                          const std::vector<std::vector<int>>& wanted, HostRng& rng);

/// Improves bins[bundle] by moving bundles and exchanging two of them while that brings the sizes
/// of the bins, then the number of each class in them, nearer to wanted[bin][class]. Bundles of
/// mixed classes fit nowhere exactly when they come last; this finds others that make room.
void rebalance(const std::vector<Bundle>& bundles, const std::vector<std::vector<int>>& wanted,
               std::vector<int>& bins);

}  // namespace ganymede
