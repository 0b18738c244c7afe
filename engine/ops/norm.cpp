#include <algorithm>

#include <ganymede/engine/ops/check.h>
#include <ganymede/engine/ops/composite.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/norm.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/norm.h>

namespace ganymede {
namespace {

using ops::data_or_null;

void require_channels(const char* op, const Var& x, const Var& v, const char* name) {
  if (v && !(v.shape() == Shape{x.shape()[-1]}))
    ops::refuse(op, std::string(name) + " is " + to_string(v.shape()) + ", the input has " +
                        std::to_string(x.shape()[-1]) + " channels");
}

void require_norm(const char* op, const Var& x, const Var& gamma, const Var& beta,
                  const Var& addend = {}) {
  if (x.shape().rank() < 2 || x.shape().elements() == 0)
    ops::refuse(op, "the input is " + to_string(x.shape()) + ", it must be N x ... x C");
  require_channels(op, x, gamma, "gamma");
  require_channels(op, x, beta, "beta");
  if (addend) ops::require_same(op, x, addend);
}

/// gamma xhat + beta, per channel of the last axis.
Var scale_and_shift(Var xhat, const Var& gamma, const Var& beta) {
  if (gamma) xhat = mul(xhat, expand(gamma, xhat.shape()));
  return beta ? add(xhat, expand(beta, xhat.shape())) : xhat;
}

/// (x - mean) / sqrt(variance + epsilon); both statistics are taken over what `kept` lacks.
Var standardise(const Var& x, const Shape& kept, float epsilon) {
  const float share =
      static_cast<float>(kept.elements()) / static_cast<float>(x.shape().elements());
  const Var centred = sub(x, expand(sum_to(x, kept, share), x.shape()));
  const Var variance = sum_to(square(centred), kept, share);
  return mul(centred, expand(power(affine(variance, 1.0f, epsilon), -0.5f), x.shape()));
}

Tensor empty_unless(bool wanted, const Shape& shape) { return wanted ? Tensor(shape) : Tensor(); }
float* output_or_null(Tensor& t) { return t ? t.data() : nullptr; }

kernels::BatchNormShape batch_norm_shape(const char* op, const Var& x, float epsilon,
                                         Activation activation, float slope) {
  if (activation != Activation::none && activation != Activation::leaky_relu)
    ops::refuse(op, "only leaky_relu can be fused");
  const std::int64_t channels = x.shape()[-1];
  return {x.shape().elements() / channels, channels, epsilon, activation, slope};
}

kernels::MovingStatistics moved_by(const kernels::BatchNormShape& shape, MovingAverages* moving) {
  if (!moving) return {};
  moving->mean.bump_version();
  moving->variance.bump_version();
  const float rows = static_cast<float>(shape.rows);
  return {moving->mean.data(), moving->variance.data(), moving->momentum,
          moving->unbiased && shape.rows > 1 ? rows / (rows - 1.0f) : 1.0f};
}

Vars batch_norm_vjp(const Sweep& s, kernels::BatchNormShape shape, const Tensor& mean,
                    const Tensor& variance) {
  const Var& x = s.in[0];
  const Shape channels{shape.channels};
  Tensor gx = empty_unless(s.wants(0), x.shape());
  Tensor ggamma = empty_unless(s.wants(1), channels), gbeta = empty_unless(s.wants(2), channels);
  kernels::batch_norm_grad(current_stream(), shape, x.value().data(), data_or_null(s.in[1]),
                           data_or_null(s.in[2]), mean.data(), variance.data(), s.g.value().data(),
                           output_or_null(gx), output_or_null(ggamma), output_or_null(gbeta));
  return ops::record_gradients("batch_norm_grad", {gx, ggamma, gbeta}, s, [shape](const Vars& in) {
    const Var xhat = standardise(in[0], {shape.channels}, shape.epsilon);
    return activate(scale_and_shift(xhat, in[1], in[2]), shape.activation, shape.slope);
  });
}

/// A map's part of a joined batch norm.
kernels::NormPiece piece_of(const Var& x, const float* mean, const float* variance,
                            float* gx = nullptr) {
  return {x.value().data(), x.shape()[-1], mean, variance, gx};
}

Shape require_maps(const char* op, const Vars& maps) {
  if (maps.size() > kernels::most_norm_pieces)
    ops::refuse(op, std::to_string(maps.size()) + " maps; " +
                        std::to_string(kernels::most_norm_pieces) + " are the most, join some");
  return ops::joined_shape(op, maps, -1);
}

struct Statistics {
  Tensor mean, variance;
};

/// The sweep's inputs are the maps, gamma and beta.
Vars joined_batch_norm_vjp(const Sweep& s, const kernels::BatchNormShape& shape,
                           const std::vector<Statistics>& statistics) {
  const std::size_t maps = statistics.size(), gamma = maps, beta = maps + 1;
  std::vector<Tensor> gradients;
  std::vector<kernels::NormPiece> pieces;
  for (std::size_t i = 0; i < maps; ++i) {
    gradients.push_back(empty_unless(s.wants(i), s.in[i].shape()));
    pieces.push_back(piece_of(s.in[i], statistics[i].mean.data(), statistics[i].variance.data(),
                              output_or_null(gradients[i])));
  }
  for (const std::size_t i : {gamma, beta})
    gradients.push_back(empty_unless(s.wants(i), {shape.channels}));
  kernels::joined_batch_norm_grad(
      current_stream(), shape, pieces, data_or_null(s.in[gamma]), data_or_null(s.in[beta]),
      s.g.value().data(), output_or_null(gradients[gamma]), output_or_null(gradients[beta]));
  return ops::record_gradients("joined_batch_norm_grad", gradients, s, [=](const Vars& in) {
    const Vars joined(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(maps));
    return batch_norm(concat(joined), in[gamma], in[beta], shape.epsilon, shape.activation,
                      shape.slope)
        .y;
  });
}

/// With an addend the mask is that of the output, and one gradient is both the addend's and that of
/// what was normalised.
Vars batch_norm_with_addend_vjp(const Sweep& s, kernels::BatchNormShape shape, const Tensor& mean,
                                const Tensor& variance) {
  const Var g = activation_grad(s.out, s.g, shape.activation, shape.slope);
  shape.activation = Activation::none;
  const Vars in(s.in.begin(), s.in.begin() + 3);
  const Cotangent cotangent(s.out, {g});
  Vars gradients = batch_norm_vjp({in, s.out, cotangent, s.wanted}, shape, mean, variance);
  gradients.push_back(g);
  return gradients;
}

Vars layer_norm_vjp(const Sweep& s, const kernels::LayerNormShape& shape, const Tensor& mean,
                    const Tensor& inv_std) {
  const Var& x = s.in[0];
  const Shape channels{shape.channels};
  Tensor gx = empty_unless(s.wants(0), x.shape());
  Tensor ggamma = empty_unless(s.wants(1), channels), gbeta = empty_unless(s.wants(2), channels);
  kernels::layer_norm_grad(current_stream(), shape, x.value().data(), data_or_null(s.in[1]),
                           mean.data(), inv_std.data(), s.g.value().data(), output_or_null(gx),
                           output_or_null(ggamma), output_or_null(gbeta));
  return ops::record_gradients("layer_norm_grad", {gx, ggamma, gbeta}, s, [shape](const Vars& in) {
    const Var xhat = standardise(flatten(in[0]), {shape.rows, 1}, shape.epsilon);
    return scale_and_shift(reshape(xhat, in[0].shape()), in[1], in[2]);
  });
}

/// With given statistics the map is affine per channel; its vjp is written with plain ops.
Vars batch_norm_inference_vjp(const Sweep& s, const kernels::BatchNormShape& shape,
                              const Tensor& mean, const Tensor& variance) {
  const Shape& full = s.in[0].shape();
  const Var g = activation_grad(s.out, s.g, shape.activation, shape.slope);
  const Var inv_std = power(affine(variance, 1.0f, shape.epsilon), -0.5f);
  return ops::wanted(
      s,
      [&] {
        const Var factor = s.in[1] ? mul(s.in[1], inv_std) : inv_std;
        return mul(g, expand(factor, full));
      },
      [&] {
        const Var centred = sub(s.in[0], expand(mean, full));
        return sum_to(mul(g, mul(centred, expand(inv_std, full))), {shape.channels});
      },
      [&] { return sum_to(g, {shape.channels}); }, [] { return Var(); }, [] { return Var(); },
      [&] { return g; });
}

}  // namespace

BatchNormResult batch_norm(const Var& x, const Var& gamma, const Var& beta, float epsilon,
                           Activation activation, float slope, MovingAverages* moving,
                           const Var& addend) {
  require_norm("batch_norm", x, gamma, beta, addend);
  if (moving) {
    require_channels("batch_norm", x, moving->mean, "the moving mean");
    require_channels("batch_norm", x, moving->variance, "the moving variance");
  }
  const auto shape = batch_norm_shape("batch_norm", x, epsilon, activation, slope);
  Tensor y(x.shape()), mean({shape.channels}), variance({shape.channels});
  kernels::batch_norm(current_stream(), shape, x.value().data(), data_or_null(gamma),
                      data_or_null(beta), data_or_null(addend), y.data(), mean.data(),
                      variance.data(), moved_by(shape, moving));
  Vars inputs{x, gamma, beta};
  if (addend) inputs.push_back(addend);
  const auto vjp = addend ? batch_norm_with_addend_vjp : batch_norm_vjp;
  const Var result = record("batch_norm", std::move(y), std::move(inputs),
                            [=](const Sweep& s) { return vjp(s, shape, mean, variance); });
  return {result, mean, variance};
}

Var batch_norm_inference(const Var& x, const Var& gamma, const Var& beta, const Tensor& mean,
                         const Tensor& variance, float epsilon, Activation activation, float slope,
                         const Var& addend) {
  require_norm("batch_norm_inference", x, gamma, beta, addend);
  require_channels("batch_norm_inference", x, mean, "the mean");
  require_channels("batch_norm_inference", x, variance, "the variance");
  const auto shape = batch_norm_shape("batch_norm_inference", x, epsilon, activation, slope);
  Tensor y(x.shape());
  kernels::batch_norm_inference(current_stream(), shape, x.value().data(), data_or_null(gamma),
                                data_or_null(beta), data_or_null(addend), mean.data(),
                                variance.data(), y.data());
  // The statistics stand among the inputs, so that an update before grad is noticed.
  return record("batch_norm_inference", std::move(y), {x, gamma, beta, mean, variance, addend},
                [shape](const Sweep& s) {
                  return batch_norm_inference_vjp(s, shape, s.in[3].value(), s.in[4].value());
                });
}

JoinedMap with_statistics(const Var& x) {
  require_norm("with_statistics", x, {}, {});
  const std::int64_t channels = x.shape()[-1];
  JoinedMap map{x, Tensor({channels}), Tensor({channels})};
  kernels::channel_statistics(current_stream(), x.shape().elements() / channels, channels,
                              x.value().data(), map.mean.data(), map.variance.data());
  return map;
}

Var joined_batch_norm(const std::vector<JoinedMap>& maps, const Var& gamma, const Var& beta,
                      float epsilon, Activation activation, float slope, MovingAverages* moving) {
  const char* const op = "joined_batch_norm";
  Vars inputs;
  for (const JoinedMap& map : maps) inputs.push_back(map.x);
  Tensor y(require_maps(op, inputs));
  const Var all(y);
  require_norm(op, all, gamma, beta);
  if (moving) {
    require_channels(op, all, moving->mean, "the moving mean");
    require_channels(op, all, moving->variance, "the moving variance");
  }
  const auto shape = batch_norm_shape(op, all, epsilon, activation, slope);
  std::vector<kernels::NormPiece> pieces;
  std::vector<Statistics> statistics;
  for (const JoinedMap& map : maps) {
    require_channels(op, map.x, map.mean, "a map's mean");
    require_channels(op, map.x, map.variance, "a map's variance");
    pieces.push_back(piece_of(map.x, map.mean.data(), map.variance.data()));
    statistics.push_back({map.mean, map.variance});
  }
  kernels::joined_batch_norm(current_stream(), shape, pieces, data_or_null(gamma),
                             data_or_null(beta), y.data(), moved_by(shape, moving));
  inputs.push_back(gamma);
  inputs.push_back(beta);
  return record(op, std::move(y), std::move(inputs),
                [=](const Sweep& s) { return joined_batch_norm_vjp(s, shape, statistics); });
}

Var joined_batch_norm_inference(const Vars& maps, const Var& gamma, const Var& beta,
                                const Tensor& mean, const Tensor& variance, float epsilon,
                                Activation activation, float slope) {
  const char* const op = "joined_batch_norm_inference";
  const Shape shape = require_maps(op, maps);
  const auto tracked = [](const Var& x) { return x && x.tracked(); };
  if (recording() && (std::ranges::any_of(maps, tracked) || tracked(gamma) || tracked(beta)))
    return batch_norm_inference(concat(maps), gamma, beta, mean, variance, epsilon, activation,
                                slope);
  Tensor y(shape);
  const Var all(y);
  require_norm(op, all, gamma, beta);
  require_channels(op, all, mean, "the mean");
  require_channels(op, all, variance, "the variance");
  std::vector<kernels::NormPiece> pieces;
  std::int64_t channel = 0;
  for (const Var& x : maps) {
    pieces.push_back(piece_of(x, mean.data() + channel, variance.data() + channel));
    channel += x.shape()[-1];
  }
  kernels::joined_batch_norm(current_stream(),
                             batch_norm_shape(op, all, epsilon, activation, slope), pieces,
                             data_or_null(gamma), data_or_null(beta), y.data(), {});
  return y;
}

Var layer_norm(const Var& x, const Var& gamma, const Var& beta, float epsilon) {
  require_norm("layer_norm", x, gamma, beta);
  const std::int64_t rows = x.shape()[0];
  const kernels::LayerNormShape shape{rows, x.shape().elements() / rows, x.shape()[-1], epsilon};
  Tensor y(x.shape()), mean({rows}), inv_std({rows});
  kernels::layer_norm(current_stream(), shape, x.value().data(), data_or_null(gamma),
                      data_or_null(beta), y.data(), mean.data(), inv_std.data());
  return record(
      "layer_norm", std::move(y), {x, gamma, beta},
      [shape, mean, inv_std](const Sweep& s) { return layer_norm_vjp(s, shape, mean, inv_std); });
}

}  // namespace ganymede
