#pragma once

#include <string>
#include <vector>

#include <ganymede/kernels/error.h>

#include "support.h"

namespace ganymede::test {

using Words = std::vector<std::string>;

inline const Sample& sample_of(const Dataset& dataset, const std::string& path) {
  for (const Sample& sample : dataset.samples)
    if (sample.path == path) return sample;
  throw DataError(path + " is no sample");
}

inline bool noted(const Dataset& dataset, const std::string& words) {
  return std::any_of(dataset.notes.begin(), dataset.notes.end(),
                     [&](const std::string& note) { return holds(note, words); });
}

/// What opening the folder complains of once the file holds this text.
inline std::string complaint(const TemporaryFolder& folder, const std::string& file,
                             const std::string& text) {
  folder.write(file, text);
  return message_of<DataError>([&] { open_dataset(folder.path()); });
}

/// A colour picture for each path, all different.
inline void write_images(const TemporaryFolder& folder, const Words& paths) {
  int seed = 0;
  for (const std::string& path : paths) folder.write(path, picture(++seed, 12, 10, 3));
}

}  // namespace ganymede::test
