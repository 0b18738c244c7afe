#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/gan_training.h>
#include <ganymede/models/quality/memorisation.h>

#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// One generated image and what became of it.
struct Fake {
  std::string path;  ///< in the run folder
  bool kept = false;
  std::string reason;   ///< why it was left out; empty for a kept one
  std::string nearest;  ///< path of the nearest training image
  double distance = 0;  ///< to it: root mean square, pixel values in [0, 1]
};

/// The fakes of one class and unit: made, audited, chosen, written as PNG.
struct Synthesis {
  int of_class = 0;
  std::vector<Fake> fakes;
  std::vector<Image> images;  ///< of all fakes, in their order
  quality::Audit audit;

  std::vector<Image> kept() const;
  int kept_count() const;
};

/// How many fakes of a class the recipe's balance plan wants, for one split.
int wanted_fakes(const Context& context, int fold, int of_class);

/// Makes select.candidates images for each one wanted, leaves out those that the audit flags, and
/// keeps the first that remain. Deterministic: made again from the same generator it gives the same
/// files.
Synthesis synthesise(const Context& context, const Unit& unit, int of_class, Gan& gan);

}  // namespace ganymede::study
