#pragma once
// Images with what a detector said of each, as files for a person.

#include <string>
#include <vector>

#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/detection/search.h>

namespace ganymede::study {

/// A detector's answers about samples of a data set, in their order.
struct ScoredImages {
  std::vector<int> samples;
  Found found;
  std::vector<double> baseline{};  ///< distance to the principal components; may be empty
};

/// scores.csv, a row for each image, and overlays/: image, what the generator makes of it, and the
/// residual in red. With `skipped` a row, with the reason, also for each file that has no score.
void write_scores(const Prepared& data, const RunFolder& folder, const ScoredImages& scored,
                  const std::vector<Skipped>& skipped = {});

}  // namespace ganymede::study
