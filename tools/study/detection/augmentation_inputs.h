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

}  // namespace ganymede::study
