#pragma once
// Images found by latent search, kept in a run folder as they come.

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/models/latent_search.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

/// What was found for each query, in their order.
struct Found {
  std::vector<LatentMatch> matches;
  std::vector<Image> images;  ///< G(z), in the depth of the queries

  std::vector<double> scores() const;  ///< A of each
};

/// What to call one search: its folder in the run, its random numbers, and a line for a person.
struct SearchName {
  std::string where, path, title;
};

/// Searches for all `queries` (of `data`'s size and depth), batch after batch. Each finished batch
/// is kept under `where` (found.csv, and its images as one strip), so that a search that is
/// interrupted goes on there. Throws Interrupted when somebody asked to stop.
Found search_images(const RunFolder& folder, const SearchName& name, const SearchSpace& space,
                    const LatentSearchOptions& options, std::uint64_t seed, const Prepared& data,
                    const std::vector<Image>& queries);

}  // namespace ganymede::study
