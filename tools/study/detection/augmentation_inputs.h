#pragma once
// What is searched for, to have images that augment (paper 002, section 3.3).

#include <string>
#include <vector>

#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// The two GANs that augment: [gan]'s, and the detector's own as the paper's control.
enum class Augmenter { gan, anogan };

std::string to_string(Augmenter by);
/// Whether one of the arms learns from its images.
bool wants(const std::vector<Arm>& arms, Augmenter by);

/// The images to search for: those of the learnt class's training part; for [gan]'s generator also
/// what is left of the other classes, and the unlabelled ones of --inputs.
std::vector<NamedImage> augmentation_inputs(const Context& context, Augmenter by);

/// What --inputs brings.
struct UnlabelledInputs {
  std::vector<NamedImage> images;  ///< at the GAN's size and the data's depth
  RunSetting setting;              ///< all of the folder, for run.toml
};

/// The images of the folder, or none where it is empty text. Exact and near copies of test images
/// are left out, for what is made from them is learned: a line each in the data set's `skipped`,
/// and a note. Throws SettingError for a study of classifiers, and as prepare_images.
UnlabelledInputs unlabelled_inputs(const std::string& folder, const Recipe& recipe, Prepared& data);

}  // namespace ganymede::study
