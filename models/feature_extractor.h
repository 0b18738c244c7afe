#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// What is printed beside every figure that features went into.
struct FeatureInfo {
  std::string name;  ///< the network and its weights, or "raw pixels"
  int dims = 0;
  std::string resize;  ///< how an image of another size got to the network
  /// Whether a Frechet distance of these features may be called FID: the published Inception
  /// weights, with the resize that goes with them.
  bool fid = false;
};

/// What a Frechet distance of these features is called: "FID", "FID-768", or, on all others,
/// "Frechet distance".
std::string distance_name(const FeatureInfo& info);

/// Images to one row of numbers each.
class FeatureExtractor {
 public:
  virtual ~FeatureExtractor() = default;
  const FeatureInfo& info() const { return info_; }

  /// count x info().dims, row-major, of count x H x W x C images in u8, u16, or f32 in [-1, 1]; on
  /// the current stream's device, so many at once that memory does not grow with the count. Each
  /// image's row depends on that image alone. Throws ShapeError for images it does not take,
  /// UsageError for other dtypes.
  std::vector<float> features(const Tensor& images);
  /// The same, left on the device.
  Tensor features_on_device(const Tensor& images);

 protected:
  FeatureExtractor(FeatureInfo info, int chunk) : info_(std::move(info)), chunk_(chunk) {}
  /// N x dims of N x H x W x C images in [-1, 1].
  virtual Tensor rows(const Tensor& images) = 0;

 private:
  FeatureInfo info_;
  int chunk_;
};

/// The images themselves in [-1, 1]: `side` x `side` by the area mean, or, for 0, as they are.
/// `image` is H x W x C of the images to come; others throw ShapeError. Throws SettingError for a
/// side outside 0 to 1,024, ShapeError for an empty image.
std::unique_ptr<FeatureExtractor> pixel_features(const Shape& image, int side = 0);

/// Histograms of oriented gradients (Dalal and Triggs 2005): 8 x 8 cells with 8 directions of the
/// half turn, shared out linearly, each cell over the contrast of its neighbourhood. Another
/// exposure hardly changes them, nobody had to train them, and no training image is nearer than
/// others because a network has learnt it; a shift by half a cell does change them. Of images up to
/// 64 pixels a side as they are, larger ones at the area mean; colour as its mean. Throws
/// ShapeError for sides below 8.
std::unique_ptr<FeatureExtractor> gradient_features(const Shape& image);

/// Features of the network in a .h5, recognised by its layers:
///  - Inception-v3 as tools/convert_inception.py writes it: 2,048 (default) or 768 dims;
///  - Keras's published Inception-v3 (likewise), ResNet-50, -101, -152, DenseNet-121, -169, -201,
///    with or without top, before its last layer, with the input scaling each was trained with;
///  - a classifier of ours, before its last stage (Classifier::middle_features): the last one knows
///    what tells its few classes apart, and finds noise nearer to chests than blurred chests.
/// `dims`: 0 is the network's default. Throws SettingError for dims the network has not; FileError,
/// or FormatError that says what is accepted, for a file that is damaged or holds something else.
std::unique_ptr<FeatureExtractor> network_features(const std::string& path, int dims = 0);

/// By its words: "pixels", "pixels:32", "gradients", "FILE.h5", "FILE.h5:768". `image` as in
/// pixel_features. Throws SettingError for other words, and what the two above throw.
std::unique_ptr<FeatureExtractor> feature_extractor(const std::string& words, const Shape& image);

}  // namespace ganymede
