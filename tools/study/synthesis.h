#pragma once

#include <string>
#include <vector>

#include <ganymede/models/quality/memorisation_spaces.h>
#include <ganymede/models/quality/selection.h>

#include <ganymede/tools/study/candidates.h>
#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// One generated image and what became of it.
struct Fake {
  std::string path;  ///< in the run folder
  bool kept = false;
  bool unselected = false;  ///< in the control arm: among the first that the audit lets pass
  quality::Rejection rejection = quality::Rejection::none;
  std::string reason{};   ///< why it was left out; empty for a kept one
  std::string nearest{};  ///< path of the nearest training image, in pixels
  double distance = 0;    ///< to it: root mean square, pixel values in [0, 1]
  double score = 0;       ///< of the critic
  std::string seen_as{};  ///< class that the selecting classifier sees, and how sure it is
  std::string input{};    ///< path of the image that it was searched for, or varied from
};

/// The fakes of one class and unit: made, audited, chosen, written as PNG.
struct Synthesis {
  int of_class = 0;
  int wanted = 0;
  std::vector<Fake> fakes{};
  std::vector<Image> images{};  ///< of all fakes, in their order
  std::vector<int> learnt;  ///< the training samples that the GAN has seen; the audit indexes them
  quality::TwoSpaceAudit audit{};

  std::vector<Image> kept() const;
  /// What an arm is trained on: the kept ones, or the control's.
  std::vector<Image> images_for(const Arm& arm) const;
  int kept_count() const;
  int rejected_for(quality::Rejection rejection) const;
};

/// Trains (or loads) the unit's GANs and makes select.candidates images for each one wanted, of
/// every class; leaves out what the audit flags and what does not pass select.by, and keeps the
/// best of the rest. Deterministic: made again from the same GANs it gives the same files. One
/// entry a class, in the order of the classes.
std::vector<Synthesis> synthesise(const Context& context, const Unit& unit);

/// Audits and selects among one class's candidates, keeps `wanted` of them at most, and writes all
/// as PNG.
Synthesis chosen_of(const Context& context, const Unit& unit, Candidates made, int wanted);

}  // namespace ganymede::study
