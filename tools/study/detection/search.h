#pragma once
// Images found by latent search, kept in a run folder as they come.

#include <cstdint>
#include <functional>
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

/// How images are found: by a search in latent space, or by an encoder's answer.
struct Finder {
  std::function<LatentMatches(const Tensor& queries, std::int64_t first,
                              const LatentSearch::Progress& progress)>
      run;
  int batch = 1;           ///< queries at a time
  std::int64_t steps = 1;  ///< of each query
};

/// The GAN behind `space` must outlive it; random numbers follow from seed and path.
Finder search_finder(SearchSpace space, const LatentSearchOptions& options, std::uint64_t seed,
                     const std::string& path);

/// Finds an image for each of `queries` (of `data`'s size and depth), batch after batch. Each
/// finished batch is kept under `where` (found.csv, and its images as one strip), so that a search
/// that is interrupted goes on there. `title` is for a person. Throws Interrupted when somebody
/// asked to stop, DataError where more was found before than is asked for.
Found find_images(const RunFolder& folder, const std::string& where, const std::string& title,
                  const Finder& finder, const Prepared& data, const std::vector<Image>& queries);

}  // namespace ganymede::study
