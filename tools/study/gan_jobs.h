#pragma once

#include <string>
#include <vector>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/watch.h>

namespace ganymede::study {

/// One GAN of a unit: which classes it learns from, and which it makes fakes of.
struct GanJob {
  std::string name;                ///< for a person
  std::string folder;              ///< below gan/
  std::string path;                ///< its random numbers come from this
  std::vector<int> learns, makes;  ///< classes, ascending
  bool conditional = false;
  bool labelled = true;  ///< false: what it makes has no class until a classifier gives it one
};

/// The GANs that gan.labels asks for on one split: one for each class, where classes with fewer
/// than gan.fewest training images are made by a conditional one that learns from all; a
/// conditional one for all; or one without classes. No GAN whose classes want no fakes.
/// In a study of detectors one, for the class that they learn.
std::vector<GanJob> gan_jobs(const Context& context, int fold);

/// The samples that a job learns from, class after class.
std::vector<int> training_samples(const Context& context, int fold, const GanJob& job);
/// The validation images of the classes that a job learns.
HeldOut held_out_of(const Context& context, int fold, const GanJob& job);

}  // namespace ganymede::study
