#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ganymede/engine/layers.h>
#include <ganymede/engine/weights.h>

namespace ganymede {

/// Whose Inception-v3. They have the same convolutions; `fid` (Heusel et al.'s reference network)
/// takes the maximum in the last block's pool branch where `keras` takes the mean, names its layers
/// as its published file does, and ends in 1,008 classes ("fc"), not 1,000 ("predictions").
enum class InceptionVariant : std::uint8_t { fid, keras };

/// Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, for inference: 94
/// convolutions, each with batch norm (epsilon 1e-3) and ReLU; average pools do not count their
/// padding. 23,885,392 numbers with `fid`, no auxiliary head. Training throws UsageError.
class Inception : public Module {
 public:
  Inception(InceptionVariant variant, const Rng& rng);

  /// Global averages of Mixed_6e (768) or Mixed_7c (2,048): N x H x W x 3 in [-1, 1] -> N x dims.
  /// H and W are at least 75; published features are of 299. Throws SettingError for other dims,
  /// ShapeError for smaller images or other channels.
  Var features(const Var& x, int dims);
  /// Logits.
  Var forward(const Var& x, Mode mode) override;
  void visit(StateVisitor& visitor) override;
  std::string kind() const override { return "Inception"; }
  Shape output_shape(const Shape& input) const override { return {input[0], classes_}; }
  void each_child(const Shape& input, const ChildSink& sink) override;

 private:
  void add_stem(const Rng& rng);
  void add_blocks(InceptionVariant variant, const Rng& rng);

  int classes_;
  std::string head_name_;
  Sequential to_6e_, to_7c_;
  std::unique_ptr<Linear> head_;
};

/// Images of any size and 1 or 3 channels in [-1, 1] as the network wants them: grey repeated,
/// bilinear to 299 x 299 with half-pixel centres and without antialias. (Heusel et al. scale to
/// [0, 1] first and to [-1, 1] after; the resize is linear and keeps constants, so the order does
/// not matter.) Throws ShapeError for other channels.
Var inception_input(const Var& images);

/// Fills a network of variant `fid` from the .h5 that tools/convert_inception.py writes, one of
/// variant `keras` from Keras's published file (its layers are numbered in the order of creation;
/// it has no gammas). Throws FileError, or FormatError where a layer is missing, is of other
/// extents or belongs to another network.
void load_inception(const std::string& path, InceptionVariant variant, Inception& network);

/// Whether the script that wrote the .h5 found the published weights in its source, by the file's
/// hash or on the user's word.
bool known_published(const std::string& path);

}  // namespace ganymede
