#pragma once
// AnoGAN as a detector: learnt from one class, asked of every tested image by latent search.

#include <cstdint>
#include <memory>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/gan_training.h>
#include <ganymede/models/latent_search.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

/// What is tested, and what came of it, image by image.
struct Detection {
  int train_class = 0;
  std::vector<int> samples;          ///< the tested images
  std::vector<LatentMatch> matches;  ///< R, D and A of each
  std::vector<double> baseline;      ///< distance to the plane of principal components
  std::vector<int> abnormal;         ///< 1 where the image is of another class than the learnt one

  std::vector<double> scores() const;  ///< A of each
};

/// Trains on the learnt class's training part, under gan/detector; goes on where an
/// earlier run stopped.
std::unique_ptr<GanTraining> train_detector(const Prepared& data, const Recipe& recipe,
                                            const RunFolder& folder, std::uint64_t seed);

/// Searches the test part. Each finished batch is kept (detector/found: scores and the images
/// found), so that a run that is interrupted goes on there.
Detection detect(const Prepared& data, const Recipe& recipe, const RunFolder& folder,
                 GanTraining& detector, std::uint64_t seed);

/// scores.csv and overlays/: each tested image beside what the generator makes of it, and the
/// residual in red.
void write_scores(const Prepared& data, const RunFolder& folder, const Detection& detection);

/// A picture of the tested images with the highest and with the lowest scores, as their overlays
/// show them; paths and captions for run.json.
nlohmann::ordered_json write_extremes(const RunFolder& folder, const Detection& detection);

}  // namespace ganymede::study
