// bench/training: a whole GAN training iteration of each recipe, and the sum of its convolutions
// timed alone in the same run.

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/settings.h>

#include "measure.h"
#include "program.h"
#include "works.h"

namespace {

using namespace ganymede;
using namespace ganymede::bench;
using Clock = std::chrono::steady_clock;

struct Options {
  CommonOptions common;
  std::string filter;
  int batch = 0, rounds = 5, steps = 4;
  bool parts = true;
};

/// One contraction and how often an iteration calls it.
struct Part {
  Work work;
  int calls;
  std::vector<double> seconds{};
};

void append(std::vector<Part>& parts, const BenchShape& layer, int forward, int input_grad,
            int weight_grad) {
  if (layer.kind != LayerKind::conv && layer.kind != LayerKind::conv_transpose) return;
  ConvWorks works = conv_works(layer);
  parts.push_back({std::move(works.forward), forward * layer.count});
  parts.push_back({std::move(works.input_grad), input_grad * layer.count});
  parts.push_back({std::move(works.weight_grad), weight_grad * layer.count});
}

/// The convolutions of one iteration (`Gan::step` without a gradient penalty). The generator runs
/// for the fakes and for its own step, which alone needs gradients. The discriminator runs on
/// reals, on fakes and for the generator: the first two want gradients of weights, the last one of
/// the images; its first layer needs no input gradient in the first two.
std::vector<Part> convolutions(const Recipe& recipe, int batch) {
  std::vector<Part> parts;
  const GanShapes gan = gan_shapes(recipe, batch);
  for (const BenchShape& layer : gan.generator) append(parts, layer, 2, 1, 1);
  bool first = true;
  for (const BenchShape& layer : gan.discriminator) {
    append(parts, layer, 3, first ? 1 : 3, 2);
    first = false;
  }
  return parts;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Seconds of an iteration on a batch that is on the device already.
double step_seconds(Stream& stream, Gan& gan, const Tensor& real, int steps) {
  stream.synchronize();
  const auto start = Clock::now();
  for (int i = 0; i < steps; ++i) gan.step(real);
  stream.synchronize();
  return std::chrono::duration<double>(Clock::now() - start).count() / steps;
}

nlohmann::json time_recipe(Stream& stream, Recipe recipe, const Options& o) {
  const StreamScope scope(stream);
  if (o.batch > 0) recipe.set("gan.batch=" + std::to_string(o.batch));
  const int channels = static_cast<int>(std::max<std::int64_t>(recipe.integer("data.channels"), 1));
  Gan gan(gan_options(recipe, channels), 0, "bench");
  const GanOptions& options = gan.options();
  const GanNetworkOptions& network = options.network;
  Rng rng(0, "bench/reals");
  const Tensor real =
      rng.uniform({options.batch, network.size, network.size, network.channels}, -1.0f, 1.0f);
  std::vector<Part> parts;
  if (o.parts) parts = convolutions(recipe, options.batch);

  constexpr int warm_up = 2;  // memory, oneDNN's code, the captured graph
  step_seconds(stream, gan, real, warm_up);
  std::vector<double> steps;
  for (int round = 0; round < o.rounds; ++round) {
    steps.push_back(step_seconds(stream, gan, real, o.steps));
    for (Part& part : parts) part.seconds.push_back(measure(stream, part.work, 0.05).seconds);
  }

  const double step = median(steps);
  const std::string device = to_string(stream.device());
  fmt::print("{}  {} ({})  batch {}: {:.4g} ms per iteration, {:.4g} images/s\n", recipe.name(),
             device, name_of(stream.math_mode()), options.batch, 1e3 * step, options.batch / step);
  nlohmann::json j{{"recipe", recipe.name()},
                   {"device", device},
                   {"batch", options.batch},
                   {"math", name_of(stream.math_mode())},
                   {"rounds", o.rounds},
                   {"seconds", step},
                   {"images_per_second", options.batch / step}};
  if (parts.empty()) return j;

  double sum = 0, flops = 0;
  fmt::print("  {:<28} {:<34} {:<30} {:>6} {:>10}\n", "convolution", "layer", "shape", "calls",
             "us of one");
  for (const Part& part : parts) {
    const double once = median(part.seconds);
    sum += part.calls * once;
    flops += part.calls * part.work.flops;
    fmt::print("  {:<28} {:<34} {:<30} {:>6} {:>10.1f}\n", part.work.op, part.work.layer,
               part.work.shape, part.calls, 1e6 * once);
    j["convolutions"].push_back({{"op", part.work.op},
                                 {"layer", part.work.layer},
                                 {"shape", part.work.shape},
                                 {"calls", part.calls},
                                 {"seconds", once}});
  }
  fmt::print(
      "  convolutions alone: {:.4g} ms, {:.4g} GFLOP as direct sums; iteration / sum {:.3f}\n",
      1e3 * sum, flops * 1e-9, step / sum);
  j["convolutions_seconds"] = sum;
  j["convolutions_flops"] = flops;
  j["iteration_over_convolutions"] = step / sum;
  return j;
}

void run(const Options& o) {
  nlohmann::json j{{"version", GANYMEDE_VERSION}, {"onednn", bool(GANYMEDE_ONEDNN)}};
  for (Stream& stream : streams_of(o.common))
    for (const RecipeSummary& summary : Recipe::list())
      if (summary.name.find(o.filter) != std::string::npos)
        j["results"].push_back(time_recipe(stream, Recipe::shipped(summary.name), o));
  if (o.common.json.empty()) return;
  std::ofstream file(o.common.json);
  file << j.dump(2) << '\n';
  file.flush();
  if (!file) throw FileError("bench: cannot write " + o.common.json);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Times a whole GAN training iteration of each recipe.", "training"};
  declare(app, o.common);
  app.add_option("--filter", o.filter, "only recipes whose name contains this text");
  app.add_option("--batch", o.batch, "images per batch (default: the recipe's)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--rounds", o.rounds, "samples; the median counts")->check(CLI::Range(1, 1000));
  app.add_option("--steps", o.steps, "iterations per sample")->check(CLI::Range(1, 100000));
  app.add_flag("!--no-parts", o.parts, "leave the convolutions alone out");
  app.footer("Example: OMP_NUM_THREADS=2 training --device cpu --json out.json");
  return run_program(app, argc, argv, [&] { run(o); });
}
