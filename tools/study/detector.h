#pragma once
// AnoGAN as a detector: learnt from one class, asked of images by latent search.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/models/gan_training.h>
#include <ganymede/tools/study/search_unit.h>

namespace ganymede::study {

/// The class of detect.train_class. Throws SettingError that lists the classes.
int learnt_class(const Prepared& data, const Recipe& recipe);

/// What a detector is to learn from, and how.
struct DetectorJob {
  std::string where;  ///< below gan/
  std::string title;  ///< for a person
  ResidentSet images;
  bool classic = false;  ///< augments every batch as [classic] says, at strength 1
};

/// Trains one, under gan/`where`; goes on where an earlier run stopped. Detectors of one seed begin
/// with the same weights, whatever they learn from.
std::unique_ptr<GanTraining> train_detector(const RunFolder& folder, const Recipe& recipe,
                                            int channels, const DetectorJob& job,
                                            std::uint64_t seed);

/// Scores images (of the data's size and depth) by latent search, as [detect] says; kept under
/// `where`.
Found score_images(const RunFolder& folder, const std::string& where, const std::string& title,
                   const Recipe& recipe, Gan& detector, std::uint64_t seed, const Prepared& data,
                   const std::vector<Image>& images);

/// Of each image the distance to the plane of the first principal components of `learnt`: the
/// simple baseline.
std::vector<double> baseline_scores(const Prepared& data, const Recipe& recipe,
                                    const std::vector<int>& learnt,
                                    const std::vector<int>& samples);

}  // namespace ganymede::study
