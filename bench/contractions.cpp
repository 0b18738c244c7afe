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

bool compared(const Contractions& parts) {
  return !parts.empty() && !parts.front().vendor_seconds.empty();
}

/// Seconds and direct sums of all calls.
struct Sum {
  double seconds = 0, vendor_seconds = 0, flops = 0;
};
Sum sum_of(const Contractions& parts, int Contraction::*calls) {
  Sum sum;
  for (const Contraction& part : parts) {
    const int times = part.*calls;
    sum.seconds += times * median(part.seconds);
    if (compared(parts)) sum.vendor_seconds += times * median(part.vendor_seconds);
    sum.flops += times * part.work.flops;
  }
  return sum;
}

std::string vendor_column(const Contraction& part, double ours) {
  if (part.vendor_seconds.empty()) return {};
  const double theirs = median(part.vendor_seconds);
  return fmt::format(" {:>10.1f} {:>6.2f}", 1e6 * theirs, theirs / ours);
}

void print_table(const Contractions& parts, nlohmann::json& j) {
  fmt::print("  {:<28} {:<44} {:<34} {:>6} {:>10} {:>8}{}\n", "convolution", "layer", "shape",
             "calls", "us of one", "GFLOP/s", compared(parts) ? "  vendor us  ratio" : "");
  for (const Contraction& part : parts) {
    const double once = median(part.seconds);
    fmt::print("  {:<28} {:<44} {:<34} {:>6} {:>10.1f} {:>8.1f}{}\n", part.work.op, part.work.layer,
               part.work.shape, part.calls, 1e6 * once, 1e-9 * part.work.flops / once,
               vendor_column(part, once));
    nlohmann::json row{{"op", part.work.op},
                       {"layer", part.work.layer},
                       {"shape", part.work.shape},
                       {"calls", part.calls},
                       {"discriminator_calls", part.discriminator_calls},
                       {"seconds", once}};
    if (!part.vendor_seconds.empty()) row["vendor_seconds"] = median(part.vendor_seconds);
    j["convolutions"].push_back(std::move(row));
  }
}

void print_sum(const char* of, const Sum& sum, double seconds) {
  fmt::print("  convolutions alone{}: {:.4g} ms, {:.4g} GFLOP as direct sums; step / sum {:.3f}\n",
             of, 1e3 * sum.seconds, sum.flops * 1e-9, seconds / sum.seconds);
  if (sum.vendor_seconds > 0)
    fmt::print("  by the vendor's kernels: {:.4g} ms; step / sum {:.3f}\n",
               1e3 * sum.vendor_seconds, seconds / sum.vendor_seconds);
}

/// Prints, and adds to j under names that begin with `prefix`.
void report_sum(const std::string& prefix, const char* of, const Sum& sum, double seconds,
                nlohmann::json& j) {
  print_sum(of, sum, seconds);
  j[prefix + "convolutions_seconds"] = sum.seconds;
  j[prefix + "convolutions_flops"] = sum.flops;
  if (sum.vendor_seconds > 0) j[prefix + "vendor_convolutions_seconds"] = sum.vendor_seconds;
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

void time_each(Stream& stream, Contractions& parts, bool vendor) {
  constexpr double seconds = 0.05;
  for (Contraction& part : parts) {
    std::vector<Timing> both;
    if (vendor && has_own_and_vendor(stream, part.work))
      both = own_and_vendor(stream, part.work, seconds);
    if (both.empty()) {
      part.seconds.push_back(measure(stream, part.work, seconds).seconds);
      if (vendor) part.vendor_seconds.push_back(part.seconds.back());  // by the same means
      continue;
    }
    part.seconds.push_back(both[0].seconds);
    part.vendor_seconds.push_back(both[1].seconds);
  }
}

void report_contractions(const Contractions& parts, double seconds, nlohmann::json& j) {
  print_table(parts, j);
  const Sum sum = sum_of(parts, &Contraction::calls);
  report_sum("", "", sum, seconds, j);
  j["iteration_over_convolutions"] = seconds / sum.seconds;
  if (sum.vendor_seconds > 0)
    j["iteration_over_vendor_convolutions"] = seconds / sum.vendor_seconds;
}

void report_contractions(const Contractions& parts, double seconds, double discriminator_seconds,
                         nlohmann::json& j) {
  report_contractions(parts, seconds, j);
  report_sum("discriminator_", " of a discriminator step",
             sum_of(parts, &Contraction::discriminator_calls), discriminator_seconds, j);
}

}  // namespace ganymede::bench
