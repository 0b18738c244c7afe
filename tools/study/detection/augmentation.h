#pragma once
// Images made by latent search for the class that a detector learns (paper 002, section 3.3).

#include <string>
#include <vector>

#include <ganymede/models/gan.h>
#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/detection/augmentation_inputs.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// For each input the image found in `gan`, as candidates of the learnt class; audited, selected
/// and written. The search is kept in the run folder.
Synthesis augment(const Context& context, const Unit& unit, Gan& gan, Augmenter by);

}  // namespace ganymede::study
