#pragma once
// Walks through what a generator can make, as pictures (`ganymede sample --walk`).

#include <string>
#include <vector>

#include <ganymede/engine/tensor.h>
#include <ganymede/models/saved_generator.h>

namespace ganymede {

struct WalkOptions {
  int stops = 0;         ///< random z that are visited; 0: no such walk
  bool classes = false;  ///< also from class to class, z fixed
  int frames = 12;       ///< from one stop to the next
  int of_class = 0;      ///< of a conditional generator, while z walks
  int bits = 8;
  std::uint64_t seed = 0;
};

/// Throws SettingError where nothing is asked for, numbers are out of range, or a generator without
/// classes is asked to walk between them.
void require_valid(const WalkOptions& options, const SavedGenerator& generator);

/// Writes each walk into the folder as an animated PNG that closes on itself (`walk.png`,
/// `classes.png`) and as a strip with a row from each stop to the next (`walk-strip.png`, ...). A
/// generator of variations varies the first of `sources` throughout. The same options give the same
/// bytes. Gives the names written.
std::vector<std::string> write_walks(SavedGenerator& generator, const WalkOptions& options,
                                     const Tensor& sources, const std::string& folder);

}  // namespace ganymede
