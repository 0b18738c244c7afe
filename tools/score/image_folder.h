#pragma once

#include <string>
#include <vector>

#include <ganymede/data/dataset.h>
#include <ganymede/data/resident.h>
#include <ganymede/engine/tensor.h>
#include <ganymede/models/quality/image_set.h>

namespace ganymede::score {

/// A folder of images to be measured, all of one size.
struct ImageFolder {
  std::string path;
  Dataset dataset;
  std::vector<int> groups;  ///< patients, of reals; empty: each image stands alone
  ImageStack stack;
  std::vector<float> values;  ///< in [0, 1]

  int count() const { return stack.count; }
  quality::ImageSet set() const {
    return {values, stack.count, stack.height, stack.width, stack.channels};
  }
  /// N x H x W x C in u8 or u16.
  Tensor resident() const;
};

/// How images of any origin become comparable.
struct ImageForm {
  int size = 0;                   ///< side; 0: as they are, which must then be one size
  int channels = 0;               ///< 1 or 3; 0: as stored
  bool patients = false;          ///< group by patient and duplicates
  std::string window{}, fakes{};  ///< of DICOM images, as take_fakes_window wants them
};

/// Throws DataError for images of different sizes where no size is asked for, naming two of them,
/// and what open_dataset and load_images throw.
ImageFolder open_images(const std::string& path, const ImageForm& form);

/// Throws DataError, naming both folders and the mend, where images differ in size or channels.
void require_same_form(const ImageFolder& a, const ImageFolder& b);

/// The same, and for a folder of fewer than the two images that any measure wants.
void require_comparable(const ImageFolder& a, const ImageFolder& b);

}  // namespace ganymede::score
