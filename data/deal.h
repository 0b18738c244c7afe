#pragma once

#include <vector>

#include <ganymede/data/strata.h>
#include <ganymede/kernels/host_rng.h>

namespace ganymede {

/// Every sample's index.
std::vector<int> everything(const Dataset& dataset);

/// Deals the selected samples, whole groups at a time, into bins that want wanted[bin][stratum];
/// returns the bin of each sample, -1 for those that are not selected. `exact` also exchanges what
/// is dealt until the bins have their sizes; a plain split does without, so that it stays what it
/// was in earlier runs.
std::vector<int> deal(const Strata& strata, const std::vector<int>& groups,
                      const std::vector<int>& selected, const std::vector<std::vector<int>>& wanted,
                      bool exact, HostRng rng);

}  // namespace ganymede
