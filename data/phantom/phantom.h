#pragma once

#include <cstdint>
#include <string>

#include <ganymede/data/dataset.h>
#include <ganymede/data/image.h>

namespace ganymede {

/// Procedural images with known truth. `phantom:KIND?key=value&...` with the keys n, size, seed,
/// difficulty and shuffle_labels.
struct PhantomOptions {
  std::string kind = "head-ct";
  int per_class = 100;    ///< n, 1 to 100000
  int size = 128;         ///< longest side at most; each image has 3/4 of it to all of it
  double difficulty = 1;  ///< .25 to 8: lesions lose contrast, size or number as it grows
  std::uint64_t seed = 1;
  bool shuffle_labels = false;  ///< labels without meaning: what a classifier finds is noise
};

/// An image and what is true of it.
struct Phantom {
  Image image;  ///< 8 bits, not square; grey, or RGB for fundus
  Image mask;   ///< 255 where lesions are; all 0 without one
  int label;    ///< 0 normal, else with lesions: the truth, even under shuffle_labels
};

bool is_phantom(const std::string& path);
/// Throws SettingError for an unknown kind, key or value, naming those that exist.
PhantomOptions parse_phantom(const std::string& path);
/// The inverse: `phantom:KIND?n=..&...` with every key.
std::string path_of(const PhantomOptions& options);

/// The index-th image of a class: a pure function of options, label and index.
Phantom make_phantom(const PhantomOptions& options, int label, int index);
/// The class names of a kind, normal first: two of head-ct and chest-xray, the grades 0 to 4 of
/// fundus.
std::vector<std::string> phantom_classes(const std::string& kind);

/// The whole set in memory: per_class images of each class, classes interleaved. Both eyes of a
/// person, or all visits of one to three, are images of one patient.
Dataset open_phantom(const std::string& path);

/// Writes the set as files, with the truth beside it in truth.csv (image, lesion pixels, bounding
/// box). Layouts: `folders` (a folder per class) and `labels.csv`; for head-ct also
/// `head-ct-hemorrhage` and `rsna` (DICOM), for chest-xray `chest-xray-pneumonia`, for fundus
/// `messidor-2`, `aptos`, `eyepacs` and `idrid`, all with the quirks of the downloads, JPEGs where
/// those have them. The folder must be missing or empty: throws FileError otherwise, SettingError
/// for an unknown layout or one of another kind.
void write_phantom(const PhantomOptions& options, const std::string& folder,
                   const std::string& layout);

}  // namespace ganymede
