#pragma once
// AnoGAN as a detector: learnt from one class, asked of images by latent search or by an encoder.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ganymede/models/encoder_training.h>
#include <ganymede/models/gan_training.h>
#include <ganymede/models/saved_gan.h>
#include <ganymede/tools/study/detection/search.h>

namespace ganymede::study {

/// What a detector is to learn from, and how.
struct DetectorJob {
  std::string where;  ///< below gan/
  std::string title;  ///< for a person
  ResidentSet images;
  bool classic = false;  ///< augments every batch as [classic] says, at strength 1
};

/// A detector trained in a run folder, under gan/`where`.
class Detector {
 public:
  /// Trains the GAN and, with detect.search = "encoder", the encoder; goes on where an earlier run
  /// stopped. Detectors of one seed begin with the same weights, whatever they learn from.
  Detector(const RunFolder& folder, const Recipe& recipe, int channels, const DetectorJob& job,
           std::uint64_t seed);

  GanTraining& training() { return *training_; }
  /// What scores images, as [detect] says; valid while the detector lives.
  Finder finder();

 private:
  SearchSpace space();

  Recipe recipe_;
  std::uint64_t seed_;
  std::unique_ptr<GanTraining> training_;
  std::unique_ptr<EncoderTraining> encoder_;  ///< null: by latent search
};

/// A detector trained earlier: AnoGAN, or any other GAN without classes, whose images are then the
/// known ones.
class LoadedDetector {
 public:
  /// From its checkpoint.h5. Throws as load_gan.
  explicit LoadedDetector(const std::string& checkpoint);

  const SavedNotes& notes() const { return gan_.notes; }
  /// `recipe`: that of the notes, or the same with another search. Where it says so, the encoder
  /// comes from encoder.h5 beside the checkpoint. Throws SettingError for a conditional GAN.
  Finder finder(const Recipe& recipe);

 private:
  std::string folder_;
  SavedGan gan_;
  std::unique_ptr<LatentEncoder> encoder_;
};

/// Of each image the distance to the plane of the first principal components of `learnt`: the
/// simple baseline.
std::vector<double> baseline_scores(const Prepared& data, const Recipe& recipe,
                                    const std::vector<int>& learnt,
                                    const std::vector<int>& samples);

}  // namespace ganymede::study
