#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/models/recipe.h>

#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/arms.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

/// One repetition of the whole experiment: a split and a seed. A seed is a new GAN, new fakes and
/// new classifiers on the same split.
struct Unit {
  int fold = 0, repeat = 0;
  std::uint64_t seed = 0;
  std::string name;  ///< "seed0" or "fold2-seed0": folders and random paths carry it
};

/// An image that is no sample of the data set, or not asked for as one.
struct NamedImage {
  std::string path, label;  ///< the label may be empty
  Image image;              ///< at the GAN's size
};

/// A name as one folder: letters, digits, '-' and '_' stay; where anything else was replaced, a
/// hash of the name keeps two names apart.
std::string folder_name(const std::string& name);

/// What every step of a study reads; nothing here changes while it runs.
struct Context {
  const RunFolder* folder;  ///< null for a plan alone
  const Recipe& recipe;
  const Prepared& data;
  std::vector<Arm> arms;
  int folds = 1, seeds = 1;
  std::uint64_t seed = 0;
  std::vector<NamedImage> inputs{};  ///< --inputs: unlabelled, to augment from
  int gans_at_once = 0;              ///< that train side by side; 0: as many as fit

  std::vector<Unit> units() const;
  std::string class_name(int c) const { return data.dataset.classes[std::size_t(c)]; }
  /// A class's name where it becomes part of a path.
  std::string class_folder(int c) const { return folder_name(class_name(c)); }
};

}  // namespace ganymede::study
