#include <ganymede/engine/layers.h>

#include <numeric>
#include <utility>

#include <ganymede/engine/ops/gemm.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/random.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pointwise.h>

namespace ganymede {
namespace {

void require_rank(const Shape& shape, int rank, const char* layer) {
  if (shape.rank() != rank)
    throw ShapeError(std::string(layer) + ": expects an input of rank " + std::to_string(rank) +
                     ", got " + to_string(shape));
}

Var zero_bias(bool wanted, std::int64_t n) {
  return wanted ? Var::leaf(Tensor::zeros({n})) : Var();
}

/// Weights of a convolution before training.
Var conv_kernel(int in, int filters, const ConvOptions& options, Rng& rng) {
  const int k = options.kernel, per_group = in / options.groups;
  const double taps = double(k) * k;
  return Var::leaf(initial({filters, k, k, per_group}, options.init,
                           {taps * per_group, taps * filters / options.groups}, rng));
}

/// Of a batch norm; ones that nobody trains where it has none.
Var scale_of(std::int64_t channels, const BatchNormOptions& options, Rng& rng) {
  if (!options.affine) return Var(Tensor::full({channels}, 1.0f));
  return Var::leaf(options.normal_gamma ? rng.normal({channels}, 1.0f, 0.02f)
                                        : Tensor::full({channels}, 1.0f));
}

}  // namespace

Linear::Linear(std::int64_t in, std::int64_t units, Rng rng, bool bias, Act activation, Init init)
    : kernel_(Var::leaf(initial({in, units}, init, {double(in), double(units)}, rng))),
      bias_(zero_bias(bias, units)),
      activation_(activation) {}

Var Linear::forward(const Var& x, Mode) {
  return linear(x, kernel_, bias_, activation_.kind, activation_.slope);
}

void Linear::visit(StateVisitor& visitor) {
  visitor.parameter("kernel", kernel_, Layout::plain);
  if (bias_) visitor.parameter("bias", bias_, Layout::plain);
}

Shape Linear::output_shape(const Shape& input) const {
  require_rank(input, 2, "linear");
  return {input[0], kernel_.shape()[1]};
}

Conv2d::Conv2d(int in, int filters, const ConvOptions& options, Rng rng)
    : options_(options),
      kernel_(conv_kernel(in, filters, options, rng)),
      bias_(zero_bias(options.bias, filters)) {}

ConvGeometry Conv2d::geometry(const Shape& input) const {
  const int k = options_.kernel;
  ConvGeometry g =
      options_.padding == Padding::same
          ? same_geometry(int(input[1]), int(input[2]), k, k, options_.stride)
          : conv_geometry(options_.stride, options_.padding == Padding::valid ? 0 : options_.pad);
  g.groups = options_.groups;
  return g;
}

Var Conv2d::forward(const Var& x, Mode) {
  return conv2d(x, kernel_, geometry(x.shape()),
                {bias_, options_.activation.kind, options_.activation.slope});
}

void Conv2d::visit(StateVisitor& visitor) {
  visitor.parameter("kernel", kernel_, Layout::conv);
  if (bias_) visitor.parameter("bias", bias_, Layout::plain);
}

Shape Conv2d::output_shape(const Shape& input) const {
  require_rank(input, 4, "conv2d");
  const ConvGeometry g = geometry(input);
  const auto extent = [&](std::int64_t in, int pads) {
    return (in + pads - options_.kernel) / options_.stride + 1;
  };
  return {input[0], extent(input[1], g.pad_top + g.pad_bottom),
          extent(input[2], g.pad_left + g.pad_right), kernel_.shape()[0]};
}

kernels::ConvShape Conv2d::conv_shape(const Shape& input) const {
  return ganymede::conv_shape("conv2d", input, kernel_.shape(), geometry(input));
}

ConvTranspose2d::ConvTranspose2d(int in, int filters, const ConvOptions& options, Rng rng)
    : options_(options), bias_(zero_bias(options.bias, filters)) {
  if (options.groups != 1)
    throw UsageError("conv_transpose2d: groups = " + std::to_string(options.groups) +
                     ", this layer has one group");
  const int k = options.kernel;
  const double taps = double(k) * k;
  // Keras takes the fans of a transposed kernel from its (kh, kw, out, in) axes: in and out
  // swapped.
  kernel_ = Var::leaf(initial({in, k, k, filters}, options.init, {taps * filters, taps * in}, rng));
}

ConvGeometry ConvTranspose2d::geometry(const Shape& output) const {
  const int k = options_.kernel, stride = options_.stride;
  return options_.padding == Padding::same
             ? same_geometry(int(output[1]), int(output[2]), k, k, stride)
             : conv_geometry(stride, options_.padding == Padding::valid ? 0 : options_.pad);
}

Var ConvTranspose2d::forward(const Var& x, Mode) {
  const Shape out = output_shape(x.shape());
  return conv_transpose2d(x, kernel_, out, geometry(out),
                          {bias_, options_.activation.kind, options_.activation.slope});
}

void ConvTranspose2d::visit(StateVisitor& visitor) {
  visitor.parameter("kernel", kernel_, Layout::conv);
  if (bias_) visitor.parameter("bias", bias_, Layout::plain);
}

Shape ConvTranspose2d::output_shape(const Shape& input) const {
  require_rank(input, 4, "conv_transpose2d");
  const int pad = options_.padding == Padding::explicit_pad ? options_.pad : 0;
  const auto extent = [&](std::int64_t in) {
    return options_.padding == Padding::same
               ? in * options_.stride
               : (in - 1) * options_.stride - 2 * pad + options_.kernel;
  };
  return {input[0], extent(input[1]), extent(input[2]), kernel_.shape()[3]};
}

kernels::ConvShape ConvTranspose2d::conv_shape(const Shape& input) const {
  const Shape out = output_shape(input);
  return ganymede::conv_shape("conv_transpose2d", out, kernel_.shape(), geometry(out));
}

UpsampledConv2d::UpsampledConv2d(int in, int filters, int factor, const ConvOptions& options,
                                 Rng rng)
    : factor_(factor),
      activation_(options.activation),
      kernel_(conv_kernel(in, filters, options, rng)),
      bias_(zero_bias(options.bias, filters)) {
  if (options.padding != Padding::same || options.stride != 1 || options.groups != 1)
    throw UsageError("upsampled_conv2d: needs padding 'same', stride 1 and one group");
}

Var UpsampledConv2d::forward(const Var& x, Mode) {
  return upsampled_conv2d(x, kernel_, factor_, {bias_, activation_.kind, activation_.slope});
}

void UpsampledConv2d::visit(StateVisitor& visitor) {
  visitor.parameter("kernel", kernel_, Layout::conv);
  if (bias_) visitor.parameter("bias", bias_, Layout::plain);
}

Shape UpsampledConv2d::output_shape(const Shape& input) const {
  require_rank(input, 4, "upsampled_conv2d");
  return {input[0], input[1] * factor_, input[2] * factor_, kernel_.shape()[0]};
}

kernels::ConvShape UpsampledConv2d::conv_shape(const Shape& input) const {
  const Shape& w = kernel_.shape();
  return ganymede::conv_shape("upsampled_conv2d", output_shape(input),
                              {w[3], w[1] + factor_ - 1, w[2] + factor_ - 1, w[0]},
                              upsampling_geometry(w, factor_));
}

BatchNorm::BatchNorm(std::int64_t channels, const BatchNormOptions& options, Rng rng)
    : options_(options),
      gamma_(scale_of(channels, options, rng)),
      beta_(options.affine ? Var::leaf(Tensor::zeros({channels})) : Var(Tensor::zeros({channels}))),
      moving_{Tensor::zeros({channels}), Tensor::full({channels}, 1.0f), options.momentum,
              options.unbiased_variance} {}

Var BatchNorm::forward(const Var& x, Mode mode, const Var& addend) {
  const auto [kind, slope] = options_.activation;
  if (mode == Mode::inference)
    return batch_norm_inference(x, gamma_, beta_, moving_.mean, moving_.variance, options_.epsilon,
                                kind, slope, addend);
  return batch_norm(x, gamma_, beta_, options_.epsilon, kind, slope, &moving_, addend).y;
}

void BatchNorm::visit(StateVisitor& visitor) {
  if (options_.affine) {
    visitor.parameter("gamma", gamma_, Layout::plain);
    visitor.parameter("beta", beta_, Layout::plain);
  }
  visitor.buffer("moving_mean", moving_.mean);
  visitor.buffer("moving_variance", moving_.variance);
}

Shape BatchNorm::output_shape(const Shape& input) const {
  if (input[-1] != gamma_.shape()[0])
    throw ShapeError("batch_norm: input " + to_string(input) + ", expects " +
                     to_string(gamma_.shape()) + " channels");
  return input;
}

JoinedBatchNorm::JoinedBatchNorm(std::vector<int> widths, const BatchNormOptions& options, Rng rng)
    : BatchNorm(std::accumulate(widths.begin(), widths.end(), std::int64_t{0}), options, rng),
      widths_(std::move(widths)) {}

Var JoinedBatchNorm::forward(const std::vector<JoinedMap>& maps, Mode mode) {
  const auto [kind, slope] = options_.activation;
  if (mode != Mode::inference)
    return joined_batch_norm(maps, gamma_, beta_, options_.epsilon, kind, slope, &moving_);
  Vars xs;
  for (const JoinedMap& map : maps) xs.push_back(map.x);
  return joined_batch_norm_inference(xs, gamma_, beta_, moving_.mean, moving_.variance,
                                     options_.epsilon, kind, slope);
}

LayerNorm::LayerNorm(std::int64_t channels, float epsilon, Act activation)
    : gamma_(Var::leaf(Tensor::full({channels}, 1.0f))),
      beta_(Var::leaf(Tensor::zeros({channels}))),
      epsilon_(epsilon),
      activation_(activation) {}

Var LayerNorm::forward(const Var& x, Mode) {
  return activate(layer_norm(x, gamma_, beta_, epsilon_), activation_.kind, activation_.slope);
}

void LayerNorm::visit(StateVisitor& visitor) {
  visitor.parameter("gamma", gamma_, Layout::plain);
  visitor.parameter("beta", beta_, Layout::plain);
}

Shape LayerNorm::output_shape(const Shape& input) const { return input; }

Dropout::Dropout(float rate, Rng rng, Act activation)
    : rate_(rate), rng_(std::move(rng)), activation_(activation) {
  if (!(rate >= 0.0f && rate < 1.0f))
    throw UsageError("dropout: rate " + std::to_string(rate) + " is outside [0, 1)");
}

Var Dropout::forward(const Var& x, Mode mode) {
  if (mode == Mode::inference || rate_ == 0.0f)
    return activate(x, activation_.kind, activation_.slope);
  return dropout(x, rng_, rate_, activation_.kind, activation_.slope);
}

void Dropout::visit(StateVisitor& visitor) { visitor.progress("position", rng_.position()); }

Lambda::Lambda(std::string kind, Function function, Extents extents)
    : kind_(std::move(kind)), function_(std::move(function)), extents_(std::move(extents)) {}

ModulePtr flatten_layer() {
  return std::make_unique<Lambda>(
      "Flatten", [](const Var& x) { return flatten(x); },
      [](const Shape& s) {
        return Shape{s[0], s.elements() / s[0]};
      });
}

ModulePtr reshape_layer(const Shape& extents) {
  const auto with_batch = [extents](const Shape& s) {
    std::vector<std::int64_t> full{s[0]};
    full.insert(full.end(), extents.extents().begin(), extents.extents().end());
    return Shape(std::span<const std::int64_t>(full));
  };
  return std::make_unique<Lambda>(
      "Reshape", [with_batch](const Var& x) { return reshape(x, with_batch(x.shape())); },
      with_batch);
}

namespace {

Lambda::Extents pooled(const PoolGeometry& g) {
  return [g](const Shape& s) {
    require_rank(s, 4, "pool");
    const auto extent = [&](std::int64_t in) { return (in + 2 * g.pad - g.window) / g.stride + 1; };
    return Shape{s[0], extent(s[1]), extent(s[2]), s[3]};
  };
}

}  // namespace

ModulePtr max_pool_layer(const PoolGeometry& geometry) {
  return std::make_unique<Lambda>(
      "MaxPooling2D", [geometry](const Var& x) { return max_pool(x, geometry); }, pooled(geometry));
}

ModulePtr avg_pool_layer(const PoolGeometry& geometry) {
  return std::make_unique<Lambda>(
      "AveragePooling2D", [geometry](const Var& x) { return avg_pool(x, geometry); },
      pooled(geometry));
}

ModulePtr global_average_pool_layer() {
  return std::make_unique<Lambda>(
      "GlobalAveragePooling2D", [](const Var& x) { return spatial_mean(x); },
      [](const Shape& s) {
        return Shape{s[0], s[3]};
      });
}

Var Sequential::forward(const Var& x, Mode mode) {
  Var y = x;
  for (ModulePtr& layer : layers_) y = layer->forward(y, mode);
  return y;
}

void Sequential::visit(StateVisitor& visitor) {
  for (std::size_t i = 0; i < layers_.size(); ++i) visit_child(visitor, names_[i], *layers_[i]);
}

Shape Sequential::output_shape(const Shape& input) const {
  Shape shape = input;
  for (const ModulePtr& layer : layers_) shape = layer->output_shape(shape);
  return shape;
}

void Sequential::each_child(const Shape& input, const ChildSink& sink) {
  Shape shape = input;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    sink(names_[i], *layers_[i], shape);
    shape = layers_[i]->output_shape(shape);
  }
}

}  // namespace ganymede
