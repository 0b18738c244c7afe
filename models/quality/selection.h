#pragma once

#include <ganymede/models/quality/image_set.h>

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace ganymede::quality {

/// What is known of one generated image before it is kept or left out.
struct Candidate {
  double score = 0;             ///< of the GAN's critic: higher is more real
  double distance = 0;          ///< to the nearest training image
  bool near_identical = false;  ///< to a training image, says the audit
  bool flagged = false;         ///< closer to a training image than real images are, says the audit
  bool disagrees = false;       ///< a classifier sees another class than the one it is meant to be
};

struct SelectionRules {
  int keep = 0;
  bool by_score = false;  ///< the highest scores first; else in the order made
  double far = std::numeric_limits<double>::infinity();  ///< a larger distance is unlike any real
  double duplicate = 0;  ///< kept fakes are farther than this from each other; 0: not looked at
};

/// Why a fake is left out, in the order in which it is looked at.
enum class Rejection {
  none,
  near_identical,
  flagged,
  far,
  disagrees,
  duplicate,
  low_score,
  surplus
};

/// "near-identical to a training image", ...; empty for none.
std::string to_string(Rejection rejection);

struct Choice {
  Rejection rejection = Rejection::none;
  int twin = -1;  ///< the kept fake that a duplicate resembles
};

/// Keeps up to rules.keep of the candidates, whose images these are (for duplicates). Distances are
/// nearest_images': root mean square, mirror images included. Throws ShapeError where the counts
/// differ.
std::vector<Choice> select(const ImageSet& images, std::span<const Candidate> candidates,
                           const SelectionRules& rules);

}  // namespace ganymede::quality
