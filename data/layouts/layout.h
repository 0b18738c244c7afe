#pragma once

#include <span>
#include <string>
#include <vector>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// What lies below a folder. Hidden files and __MACOSX are in `skipped` and nowhere else. All paths
/// are relative to `root` and sorted.
struct Folder {
  std::string root;
  /// By name: .png, .jpg, .jpeg, .dcm, .dicom and .ima in any case; DICOM also by its mark.
  std::vector<std::string> images;
  std::vector<std::string> others;
  std::vector<Skipped> skipped;
  bool names_patients = false;    ///< the files say whose they are, as DICOM does
  std::string label_set = "any";  ///< OpenOptions::label_set

  bool contains(const std::string& path) const;  ///< among images and others, exact
};

/// Throws FileError when the folder cannot be read.
Folder scan_folder(const std::string& root);

/// One way in which data sets lie on disk. `read` may assume what `recognise` has seen; it throws
/// DataError, and leaves headers, class indices and the check of the pixels to open_dataset.
struct Layout {
  const char* name;
  bool (*recognise)(const Folder&);
  Dataset (*read)(const Folder&);
  bool general = false;  ///< takes any folder of images, so one nested level is looked into first
};

// Each in its own file; layouts.cpp holds the order in which they are asked.
extern const Layout rsna_layout, head_ct_hemorrhage_layout, messidor_2_layout, aptos_layout,
    eyepacs_layout, idrid_layout, chest_xray_pneumonia_layout, kermany_oct_layout,
    labels_csv_layout, class_folders_layout, flat_layout;
std::span<const Layout* const> layouts();

/// The labels.csv layout with the labels in `file`, which lies in the folder.
Dataset read_labels_file(const Folder& folder, const std::string& file);

}  // namespace ganymede
