#include "contractions.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "measure.h"
#include "steps.h"

namespace ganymede::bench {
namespace {

/// How often each contraction of a layer is called.
struct Calls {
  int forward, input_grad, weight_grad;
};

void append(Contractions& parts, const BenchShape& layer, Calls step, Calls discriminator = {}) {
  if (layer.kind != LayerKind::conv && layer.kind != LayerKind::conv_transpose) return;
  ConvWorks works = conv_works(layer);
  const auto add = [&](Work& work, int Calls::*calls) {
    parts.push_back(
        {std::move(work), step.*calls * layer.count, discriminator.*calls * layer.count});
  };
  add(works.forward, &Calls::forward);
  add(works.input_grad, &Calls::input_grad);
  add(works.weight_grad, &Calls::weight_grad);
}

/// Seconds and direct sums of all calls.
struct Sum {
  double seconds = 0, flops = 0;
};
Sum sum_of(const Contractions& parts, int Contraction::*calls) {
  Sum sum;
  for (const Contraction& part : parts) {
    sum.seconds += part.*calls * median(part.seconds);
    sum.flops += part.*calls * part.work.flops;
  }
  return sum;
}

void print_table(const Contractions& parts, nlohmann::json& j) {
  fmt::print("  {:<28} {:<44} {:<34} {:>6} {:>10} {:>8}\n", "convolution", "layer", "shape",
             "calls", "us of one", "GFLOP/s");
  for (const Contraction& part : parts) {
    const double once = median(part.seconds);
    fmt::print("  {:<28} {:<44} {:<34} {:>6} {:>10.1f} {:>8.1f}\n", part.work.op, part.work.layer,
               part.work.shape, part.calls, 1e6 * once, 1e-9 * part.work.flops / once);
    j["convolutions"].push_back({{"op", part.work.op},
                                 {"layer", part.work.layer},
                                 {"shape", part.work.shape},
                                 {"calls", part.calls},
                                 {"discriminator_calls", part.discriminator_calls},
                                 {"seconds", once}});
  }
}

void print_sum(const char* of, const Sum& sum, double seconds) {
  fmt::print("  convolutions alone{}: {:.4g} ms, {:.4g} GFLOP as direct sums; step / sum {:.3f}\n",
             of, 1e3 * sum.seconds, sum.flops * 1e-9, seconds / sum.seconds);
}

}  // namespace

/// The generator runs for the fakes and, where these are not used again, for its own step, which
/// alone needs gradients; one that varies images needs none of the images. The discriminator runs
/// on reals, on fakes and for the generator: the first two want gradients of weights, the last one
/// of the images; its first layer needs no input gradient in the first two. That holds for both
/// losses: one asks for the gradients of reals and fakes in turn, the other at once.
Contractions gan_contractions(const BenchGan& gan) {
  Contractions parts;
  const GanShapes shapes = gan_shapes(gan, 0);
  const int makes = gan.options.reuse_fakes ? 1 : 2;
  bool first = makes_variations(gan.options.network);
  for (const BenchShape& layer : shapes.generator) {
    append(parts, layer, {makes, first ? 0 : 1, 1}, {1, 0, 0});
    first = false;
  }
  first = true;
  for (const BenchShape& layer : shapes.discriminator) {
    append(parts, layer, {3, first ? 1 : 3, 2}, {2, first ? 0 : 2, 2});
    first = false;
  }
  return parts;
}

Contractions classifier_contractions(const Recipe& recipe, const std::string& network, int batch) {
  Contractions parts;
  for (const BenchShape& layer : classifier_shapes(recipe, network, batch))
    append(parts, layer, {1, parts.empty() ? 0 : 1, 1});
  return parts;
}

void time_each(Stream& stream, Contractions& parts) {
  for (Contraction& part : parts) part.seconds.push_back(measure(stream, part.work, 0.05).seconds);
}

void report_contractions(const Contractions& parts, double seconds, nlohmann::json& j) {
  print_table(parts, j);
  const Sum sum = sum_of(parts, &Contraction::calls);
  print_sum("", sum, seconds);
  j["convolutions_seconds"] = sum.seconds;
  j["convolutions_flops"] = sum.flops;
  j["iteration_over_convolutions"] = seconds / sum.seconds;
}

void report_contractions(const Contractions& parts, double seconds, double discriminator_seconds,
                         nlohmann::json& j) {
  report_contractions(parts, seconds, j);
  const Sum sum = sum_of(parts, &Contraction::discriminator_calls);
  print_sum(" of a discriminator step", sum, discriminator_seconds);
  j["discriminator_convolutions_seconds"] = sum.seconds;
  j["discriminator_convolutions_flops"] = sum.flops;
}

}  // namespace ganymede::bench
