#pragma once
// Networks that tell their inner layers the class, not their input alone: the class as one-hot
// numbers beside the input of every layer with weights (Radford et al. 2016, the authors' published
// conditional code), or a scale and a shift of its own behind a generator's norms and a projection
// at a discriminator's end (Miyato and Koyama 2018).

#include <memory>

#include <ganymede/engine/layers.h>

namespace ganymede {

/// What a conditional network gets, in two: N x (L + classes) or N x H x W x (C + classes), where
/// the flags are the same at every pixel.
struct WithClass {
  Var x;      ///< N x L, or N x H x W x C
  Var flags;  ///< N x classes; a constant, no gradient flows into it
};
/// Throws ShapeError where there is nothing but flags.
WithClass taken_apart(const Var& joined, int classes);

/// x with the flags behind its last axis, at every pixel.
Var joined_with(const Var& x, const Var& flags);

/// A layer that is told the class.
class ClassLayer : public Module {
 public:
  explicit ClassLayer(int classes) : classes_(classes) {}
  /// flags: N x classes().
  virtual Var forward(const Var& x, const Var& flags, Mode mode) = 0;
  /// The same of both in one, as the network gets it.
  Var forward(const Var& joined, Mode mode) final;
  int classes() const { return classes_; }

 private:
  int classes_;
};

/// A sequence whose input is taken apart: its class layers are told the class, the others get what
/// the layer before gave. Extents of its input count the flags.
class ConditionalSequential : public Sequential {
 public:
  explicit ConditionalSequential(int classes) : classes_(classes) {}
  Var forward(const Var& joined, Mode mode) override;
  Shape output_shape(const Shape& input) const override;
  void each_child(const Shape& input, const ChildSink& sink) override;

 private:
  Shape without_flags(const Shape& input) const;
  int classes_;
};

/// `layer` with the class beside its input: it must have been made for as many channels more.
ModulePtr beside_class(ModulePtr layer, int classes);

/// Batch norm over all classes together, then scale and shift of the sample's class (Dumoulin et
/// al. 2017; Miyato and Koyama 2018): gamma and beta are classes x channels. `options.activation`
/// comes last.
ModulePtr class_batch_norm(std::int64_t channels, int classes, const BatchNormOptions& options,
                           Rng rng);

/// N x (pixels * maps), pixel by pixel -> N x 1: a dense layer without bias, plus the inner product
/// of the class's vector (of `maps` numbers) with the sum over the pixels (Miyato and Koyama 2018,
/// equation 3).
ModulePtr projection_layer(std::int64_t pixels, std::int64_t maps, int classes, Init init, Rng rng);

}  // namespace ganymede
