#pragma once

#include <memory>
#include <vector>

#include <ganymede/models/quality/image_set.h>

namespace ganymede::quality {

/// The simplest anomaly detector, which any other must beat: how far an image lies from the plane
/// of the first principal components of what it learnt.
class PcaResidual {
 public:
  /// Fits mean and components; fewer than asked for where the images span no more. Found by
  /// subspace iteration from fixed random numbers (Halko, Martinsson and Tropp 2011,
  /// algorithm 4.4), so that thousands of images take seconds. Throws DataError for fewer than two
  /// images, SettingError for less than one component.
  PcaResidual(const ImageSet& learnt, int components = 50);
  ~PcaResidual();
  PcaResidual(PcaResidual&&) noexcept;
  PcaResidual& operator=(PcaResidual&&) noexcept;

  /// Euclidean distance of each image to its projection. Throws ShapeError for other extents.
  std::vector<double> operator()(const ImageSet& images) const;
  int components() const;
  /// Share of the learnt images' variance that the components hold, in [0, 1].
  double explained() const;

 private:
  struct Fit;
  std::unique_ptr<Fit> fit_;
};

}  // namespace ganymede::quality
