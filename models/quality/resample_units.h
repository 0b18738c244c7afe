#pragma once

#include <ganymede/models/quality/splitmix.h>

#include <span>
#include <vector>

namespace ganymede::quality {

/// What resampling draws as a whole: the images of one patient.
class ResampleUnits {
 public:
  /// `groups` names each image's patient; empty: every image is a unit of its own. Throws
  /// ShapeError for a list of another length, DataError for fewer than two patients: resampling one
  /// patient says nothing.
  ResampleUnits(int images, std::span<const int> groups);

  int count() const { return int(units_.size()); }
  std::vector<int> all() const;                          ///< each unit once
  std::vector<int> with_replacement(SplitMix64&) const;  ///< count() draws
  /// How often each image occurs where these units were drawn.
  std::vector<int> counts(std::span<const int> drawn) const;

 private:
  int images_;
  std::vector<std::vector<int>> units_;
};

/// In random order (Fisher-Yates).
void shuffle(std::span<int> items, SplitMix64& random);

}  // namespace ganymede::quality
