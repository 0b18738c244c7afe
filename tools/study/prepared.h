#pragma once

#include <string>
#include <vector>

#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/resident.h>
#include <ganymede/data/split.h>
#include <ganymede/models/classifier_training.h>
#include <ganymede/models/quality/image_set.h>
#include <ganymede/models/recipe.h>
#include <ganymede/tools/run_folder.h>

namespace ganymede::study {

struct DataSource {
  std::string path;    ///< folder, labels file or "phantom:KIND"
  std::string groups;  ///< --groups FILE, or empty
  std::string split;   ///< --split FILE, or empty
  bool skip_broken = false;
  Unused unused = Unused::refuse;  ///< ignore: the recipe is that of a network trained before
};

/// A data set ready to be studied: opened, its duplicates found, every image brought to the GAN's
/// size by the one resize chain that fakes share.
struct Prepared {
  Dataset dataset;
  Duplicates duplicates;
  std::string digest;  ///< changes with the data
  std::vector<int> groups;
  std::vector<Split> splits;  ///< one per fold
  std::vector<int> fold;      ///< of each sample, where there are folds
  int positive = 1;
  int size = 0, columns = 0;  ///< pixels down and across
  int channels = 1, bits = 8;
  ImageStack images;  ///< all samples, at the GAN's size

  int classes() const { return static_cast<int>(dataset.classes.size()); }
  /// Samples of one part and class (class -1: all) of a fold.
  std::vector<int> samples(int fold_index, Part part, int of_class = -1) const;
  std::vector<Image> images_of(const std::vector<int>& samples) const;
  std::vector<int> groups_of(const std::vector<int>& samples) const;
};

/// Opens the data and reads every image once; no labels and no split are needed. Throws DataError,
/// FormatError, FileError.
Prepared prepare_images(const DataSource& source, const Recipe& recipe);
/// The same, and split. A study needs two classes, a GAN of one class needs one.
Prepared prepare_data(const DataSource& source, const Recipe& recipe, int folds, std::uint64_t seed,
                      int least_classes = 2);

/// The second half of prepare_data.
void split_data(Prepared& data, const DataSource& source, const Recipe& recipe, int folds,
                std::uint64_t seed, int least_classes = 2);

/// What tells a run folder whether the data is the one that its run was begun with.
RunSetting fingerprint_setting(const Prepared& data);

/// Whether detectors learn one class (data.split = detection), not classifiers all.
bool is_detection(const Recipe& recipe);
/// The class of detect.train_class. Throws SettingError that lists the classes.
int learnt_class(const Prepared& data, const Recipe& recipe);

/// Chosen images as a resident stack, with their labels.
ResidentSet resident(const Prepared& data, const std::vector<int>& samples);
/// Images of any origin, N x size x columns x channels in the data's depth.
Tensor resident(const Prepared& data, const std::vector<Image>& images);

/// Values in [0, 1] of images of the data's size, as the measures take them.
quality::ImageSet image_set(const Prepared& data, const std::vector<float>& values);

}  // namespace ganymede::study
