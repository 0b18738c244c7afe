#pragma once

#include <vector>

#include <ganymede/data/image.h>

#include <ganymede/tools/study/gan_jobs.h>
#include <ganymede/tools/study/selector.h>

namespace ganymede::study {

/// Images that a GAN made for one class, before any is left out.
struct Candidates {
  int of_class = 0;
  std::vector<int> learnt;  ///< the training samples that the GAN has seen
  std::vector<int> held_out;
  std::vector<Image> images;
  std::vector<float> scores;          ///< of the critic
  std::vector<float> probabilities;   ///< by the selector, n x classes; empty without one
  std::vector<std::string> inputs{};  ///< of images found for others: paths of those; else empty
  std::string suffix{};  ///< of the class's folder, where two GANs make images of one class
};

/// Candidates of every class, in the order of the classes: made by the class's GAN, or by a GAN
/// without classes and labelled by the selector. `selector` may be null where nothing needs it.
std::vector<Candidates> make_candidates(const Context& context, const Unit& unit,
                                        const Selector* selector);

}  // namespace ganymede::study
