#include <ganymede/models/backbone.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>

namespace ganymede {

std::unique_ptr<Conv2d> LayerFactory::conv(const std::string& name, int in, int filters, int kernel,
                                           int stride, bool bias) const {
  const ConvOptions options{.kernel = kernel,
                            .stride = stride,
                            .padding = Padding::explicit_pad,
                            .pad = kernel / 2,
                            .bias = bias,
                            .init = keras() ? Init::glorot_uniform : Init::he_normal};
  return std::make_unique<Conv2d>(in, filters, options, rng.child(name));
}

BatchNormOptions LayerFactory::norm_options(Act activation) const {
  return {.momentum = bn_momentum,
          .epsilon = keras() ? 1.001e-5f : 1e-5f,
          .activation = activation,
          .unbiased_variance = !keras()};
}

std::unique_ptr<BatchNorm> LayerFactory::norm(const std::string& name, int channels,
                                              Act activation) const {
  return std::make_unique<BatchNorm>(channels, norm_options(activation), rng.child(name));
}

std::unique_ptr<JoinedBatchNorm> LayerFactory::joined_norm(const std::string& name,
                                                           std::vector<int> widths,
                                                           Act activation) const {
  return std::make_unique<JoinedBatchNorm>(std::move(widths), norm_options(activation),
                                           rng.child(name));
}

void Backbone::visit(StateVisitor& visitor) {
  for (Sequential* part : {&base_, &head_})
    for (std::size_t i = 0; i < part->size(); ++i) {
      if (auto* block = dynamic_cast<FlatBlock*>(&part->layer(i)))
        block->visit(visitor);
      else
        visit_child(visitor, part->name(i), part->layer(i));
    }
}

void Backbone::each_child(const Shape& input, const ChildSink& sink) {
  Shape shape = input;
  for (Sequential* part : {&base_, &head_})
    for (std::size_t i = 0; i < part->size(); ++i) {
      if (auto* block = dynamic_cast<FlatBlock*>(&part->layer(i)))
        block->each_child(shape, sink);
      else
        sink(part->name(i), part->layer(i), shape);
      shape = part->layer(i).output_shape(shape);
    }
}

Var Backbone::middle_features(const Var& x, Mode mode) {
  Var maps = input_of(x);
  for (std::size_t i = 0; i < last_halving_; ++i) maps = base_.layer(i).forward(maps, mode);
  return spatial_mean(maps);
}

void Backbone::close(int channels, const NetworkOptions& options, const Rng& rng) {
  Shape shape{1, 256, 256, options.channels};  // any that can be halved often enough
  for (std::size_t i = 0; i < base_.size(); ++i) {
    const Shape out = base_.layer(i).output_shape(shape);
    if (out[1] < shape[1]) last_halving_ = i, middle_features_ = shape[3];
    shape = out;
  }
  base_.add("avg_pool", global_average_pool_layer());
  features_ = channels;
  scaling_ = options.scaling;
  head_.emplace<Dropout>("dropout", options.dropout, rng.child("dropout"));
  head_.emplace<Linear>("predictions", channels, options.classes, rng.child("predictions"));
}

int Backbone::wide(int maps, const NetworkOptions& options) {
  return std::max(1, int(std::lround(float(maps) * options.width)));
}

void check(const NetworkOptions& options, const std::string& name) {
  if (options.channels < 1 || options.channels > 4)
    throw SettingError(name + ": " + std::to_string(options.channels) +
                       " channels: expected 1 to 4");
  if (options.scaling && options.channels != 3)
    throw SettingError(name + ": images scaled as for ImageNet have 3 channels, not " +
                       std::to_string(options.channels) +
                       "; mend: data.channels = 3, or classifier.scaling = none");
  if (options.classes < 2) throw SettingError(name + ": needs at least two classes");
}

int depth_of(const std::string& network, const std::string& prefix) {
  int depth = 0;
  if (!network.starts_with(prefix)) return 0;
  const char* end = network.data() + network.size();
  const auto [stop, error] = std::from_chars(network.data() + prefix.size(), end, depth);
  return stop == end && error == std::errc() ? depth : 0;
}

}  // namespace ganymede
