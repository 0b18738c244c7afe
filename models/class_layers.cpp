#include <ganymede/models/class_layers.h>

#include <utility>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

Shape with_last(Shape shape, std::int64_t last) {
  shape.set(-1, last);
  return shape;
}

/// Rows of a table, classes x channels, for each sample: as an image of x's extents.
Var rows_for(const Var& table, const Var& flags, const Shape& x) {
  const Var rows = matmul(flags, table);
  if (x.rank() == 2) return rows;
  return expand(reshape(rows, {x[0], 1, 1, x[-1]}), x);
}

class BesideClass : public ClassLayer {
 public:
  BesideClass(ModulePtr layer, int classes) : ClassLayer(classes), layer_(std::move(layer)) {}
  Var forward(const Var& x, const Var& flags, Mode mode) override {
    return layer_->forward(joined_with(x, flags), mode);
  }
  void visit(StateVisitor& visitor) override { layer_->visit(visitor); }
  std::string kind() const override { return layer_->kind(); }
  Shape output_shape(const Shape& input) const override {
    return layer_->output_shape(with_last(input, input[-1] + classes()));
  }

 private:
  ModulePtr layer_;
};

BatchNormOptions without_affine(BatchNormOptions options) {
  options.affine = false;
  options.activation = {};
  return options;
}

class ClassBatchNorm : public ClassLayer {
 public:
  ClassBatchNorm(std::int64_t channels, int classes, const BatchNormOptions& options, Rng rng)
      : ClassLayer(classes),
        activation_(options.activation),
        gamma_(Var::leaf(options.normal_gamma ? rng.normal({classes, channels}, 1.0f, 0.02f)
                                              : Tensor::full({classes, channels}, 1.0f))),
        beta_(Var::leaf(Tensor::zeros({classes, channels}))),
        norm_(channels, without_affine(options), std::move(rng)) {}
  Var forward(const Var& x, const Var& flags, Mode mode) override {
    const Var scaled = mul(norm_.forward(x, mode), rows_for(gamma_, flags, x.shape()));
    return activate(add(scaled, rows_for(beta_, flags, x.shape())), activation_.kind,
                    activation_.slope);
  }
  void visit(StateVisitor& visitor) override {
    visitor.parameter("gamma", gamma_, Layout::plain);
    visitor.parameter("beta", beta_, Layout::plain);
    norm_.visit(visitor);
  }
  std::string kind() const override { return "ClassBatchNormalization"; }
  Shape output_shape(const Shape& input) const override { return norm_.output_shape(input); }

 private:
  Act activation_;
  Var gamma_, beta_;
  BatchNorm norm_;
};

class Projection : public ClassLayer {
 public:
  Projection(std::int64_t pixels, std::int64_t maps, int classes, Init init, const Rng& rng)
      : ClassLayer(classes),
        pixels_(pixels),
        maps_(maps),
        dense_(pixels * maps, 1, rng, false, {}, init) {
    Rng own = rng.child("embedding");
    embedding_ = Var::leaf(initial({classes, maps}, init, {double(classes), double(maps)}, own));
  }
  Var forward(const Var& x, const Var& flags, Mode mode) override {
    const std::int64_t n = x.shape()[0];
    const Var sums = sum_to(reshape(x, {n, pixels_, maps_}), {n, 1, maps_});
    const Var product = mul(reshape(sums, {n, maps_}), matmul(flags, embedding_));
    return add(dense_.forward(x, mode), reshape(sum_samples(product), {n, 1}));
  }
  void visit(StateVisitor& visitor) override {
    dense_.visit(visitor);
    visitor.parameter("embedding", embedding_, Layout::plain);
  }
  std::string kind() const override { return "Projection"; }
  Shape output_shape(const Shape& input) const override { return dense_.output_shape(input); }

 private:
  std::int64_t pixels_, maps_;
  Linear dense_;
  Var embedding_;
};

}  // namespace

WithClass taken_apart(const Var& joined, int classes) {
  const Shape& s = joined.shape();
  const std::int64_t channels = s[-1] - classes;
  if (channels < 1)
    throw ShapeError("conditional network: an input of " + to_string(s) + " has no room for " +
                     std::to_string(classes) + " classes");
  const Var x = slice_channels(joined, 0, channels);
  const Recording off(false);
  const Var flags = slice_channels(joined, channels, s[-1]);
  if (s.rank() == 2) return {x, flags};
  return {x, slice_channels(flatten(flags), 0, classes)};  // those of the first pixel
}

Var joined_with(const Var& x, const Var& flags) {
  const Shape& s = x.shape();
  if (s.rank() == 2) return concat({x, flags});
  const std::int64_t classes = flags.shape()[1];
  const Var planes = expand(reshape(flags, {s[0], 1, 1, classes}), {s[0], s[1], s[2], classes});
  return concat({x, planes});
}

Var ClassLayer::forward(const Var& joined, Mode mode) {
  const WithClass input = taken_apart(joined, classes_);
  return forward(input.x, input.flags, mode);
}

Var ConditionalSequential::forward(const Var& joined, Mode mode) {
  auto [x, flags] = taken_apart(joined, classes_);
  for (std::size_t i = 0; i < size(); ++i) {
    auto* told = dynamic_cast<ClassLayer*>(&layer(i));
    x = told ? told->forward(x, flags, mode) : layer(i).forward(x, mode);
  }
  return x;
}

Shape ConditionalSequential::without_flags(const Shape& input) const {
  return with_last(input, input[-1] - classes_);
}

Shape ConditionalSequential::output_shape(const Shape& input) const {
  return Sequential::output_shape(without_flags(input));
}

void ConditionalSequential::each_child(const Shape& input, const ChildSink& sink) {
  Sequential::each_child(without_flags(input), sink);
}

ModulePtr beside_class(ModulePtr layer, int classes) {
  return std::make_unique<BesideClass>(std::move(layer), classes);
}

ModulePtr class_batch_norm(std::int64_t channels, int classes, const BatchNormOptions& options,
                           Rng rng) {
  return std::make_unique<ClassBatchNorm>(channels, classes, options, std::move(rng));
}

ModulePtr projection_layer(std::int64_t pixels, std::int64_t maps, int classes, Init init,
                           Rng rng) {
  return std::make_unique<Projection>(pixels, maps, classes, init, rng);
}

}  // namespace ganymede
