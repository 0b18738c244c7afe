#pragma once
// AnoGAN's question (Schlegl et al. 2017): which latent vector's image is nearest to this one?

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <ganymede/engine/optimizer.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/latent_match.h>

namespace ganymede {

struct LatentSearchOptions {
  float feature_weight = 0.2f;  ///< l in [0, 1] of the score A (LatentMatch)
  int steps = 500;              ///< updates of z, at least 1
  int restarts = 1;             ///< searches from as many beginnings; the best counts
  int batch = 64;               ///< queries searched at a time
  GanOptimizer optimizer = GanOptimizer::adam;
  float learning_rate = 1e-2f;
  kernels::AdamOptions adam{.beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};
  kernels::RmsPropOptions rmsprop{.rho = 0.99f, .epsilon = 1e-8f};
  bool uniform_latent = false;  ///< beginnings ~ U(-1, 1) instead of N(0, 1)
  /// A query rests after this many updates that did not lower its loss by `tolerance` of itself; 0:
  /// never.
  int patience = 0;
  float tolerance = 1e-3f;  ///< in [0, 1)
};

/// Throws SettingError for options outside their ranges.
void require_valid(const LatentSearchOptions& options);

/// Searches many queries at once, each as if it were alone: z begins at what the seed and the
/// query's number say, the loss is a sum over the batch, and an optimiser's update is elementwise.
/// So z does not depend on the other queries of its batch. Of all that a query went through the z
/// of smallest loss is kept.
class LatentSearch {
 public:
  /// Called now and then with the queries done, the steps done of those in work, and their mean
  /// best score; what it throws ends the search.
  using Progress = std::function<void(std::int64_t queries, int step, double mean_score)>;

  LatentSearch(SearchSpace space, const LatentSearchOptions& options, std::uint64_t seed,
               std::string path);
  ~LatentSearch();

  /// Queries in [-1, 1], N x H x W x C. `first` is the number of the first query, so that a set
  /// searched in pieces gives what it gives at once (pieces of whole batches). Throws ShapeError
  /// for something else than images. Further runs at the same extents, on the same stream, replay
  /// what the first recorded: the stream and the networks' weights stay where they were.
  LatentMatches run(const Tensor& queries, std::int64_t first = 0, const Progress& progress = {});

 private:
  struct Batch;
  Tensor beginnings(std::int64_t first, std::int64_t count, int restart) const;
  void search(Batch& batch, std::int64_t done, const Progress& progress);
  void search_all(Batch& batch, std::int64_t number, std::int64_t done,
                  std::span<LatentMatch> matches, Tensor z, const Progress& progress);

  SearchSpace space_;
  LatentSearchOptions options_;
  std::uint64_t seed_;
  std::string path_;
  std::unique_ptr<Batch> batch_;  ///< of the last run; refers to space_ and options_
};

}  // namespace ganymede
