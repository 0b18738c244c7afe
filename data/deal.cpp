#include <ganymede/data/deal.h>

#include <numeric>

#include <ganymede/data/allocate.h>

namespace ganymede {

std::vector<int> everything(const Dataset& dataset) {
  std::vector<int> all(dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<int> deal(const Strata& strata, const std::vector<int>& groups,
                      const std::vector<int>& selected, const std::vector<std::vector<int>>& wanted,
                      bool exact, HostRng rng) {
  const std::vector<Bundle> bundles = bundle(selected, groups, strata.of_sample, strata.size());
  std::vector<int> bins = allocate(bundles, wanted, rng);
  if (exact) rebalance(bundles, wanted, bins);
  std::vector<int> bin_of(groups.size(), -1);
  for (std::size_t b = 0; b < bundles.size(); ++b)
    for (int item : bundles[b].items) bin_of[item] = bins[b];
  return bin_of;
}

}  // namespace ganymede
