#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ganymede/models/gan.h>
#include <ganymede/models/recipe.h>

namespace ganymede {

/// A trained generator, ready to be sampled from.
class SavedGenerator {
 public:
  SavedGenerator(std::unique_ptr<Sequential> network, const GanOptions& options,
                 const Recipe& recipe, std::vector<std::string> classes);

  /// n images in [-1, 1], N x H x W x C; the same seed gives the same images. A conditional
  /// generator makes images of class number `of_class`, and throws UsageError for one that it does
  /// not know; one of variations varies `sources` (in [-1, 1], N x H x W x C at its own size) in
  /// turn, and throws SettingError without, ShapeError for other extents.
  Tensor sample(std::int64_t n, std::uint64_t seed, int of_class = 0, const Tensor& sources = {});
  /// The z of n images, from a random stream of its own.
  Tensor draw(std::int64_t n, std::uint64_t seed) const;
  /// An image for each row of z (N x latent), with weights of the classes (N x classes) where the
  /// generator is conditional: 1 for one class, shares for something between. Else as sample();
  /// throws ShapeError for other extents of z or the weights.
  Tensor generate(const Tensor& z, const Tensor& weights = {}, const Tensor& sources = {});
  const GanOptions& options() const { return options_; }
  /// Names of the classes that a conditional generator makes; empty for others.
  const std::vector<std::string>& classes() const { return classes_; }
  const Recipe& recipe() const { return recipe_; }

 private:
  std::unique_ptr<Sequential> network_;
  GanOptions options_;
  Recipe recipe_;
  std::vector<std::string> classes_;
};

/// From a GAN's checkpoint or its generator file (`checkpoint.h5`, `generator.h5` of a run folder).
/// Throws FileError, or FormatError for a file that holds no generator of ours.
SavedGenerator load_generator(const std::string& path);

}  // namespace ganymede
