#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/classifier_steps.h>
#include <ganymede/models/settings.h>

#include "compare.h"
#include "contractions.h"
#include "program.h"
#include "steps.h"

namespace ganymede::bench {
namespace {

/// Uniform noise in u8, of the side that the network takes, two batches of it.
ResidentSet noise(const ClassifierOptions& o, int channels, int classes) {
  const std::int64_t count = 2 * o.batch;
  ResidentSet set{Tensor({count, o.input, o.input, channels}, DType::u8), {}};
  HostRng rng(0, "bench/images");
  std::vector<std::uint8_t> pixels(std::size_t(set.images.elements()));
  for (std::uint8_t& pixel : pixels) pixel = std::uint8_t(rng.below(256));
  set.images.assign(pixels);
  for (std::int64_t i = 0; i < count; ++i) set.labels.push_back(std::int32_t(i % classes));
  return set;
}

}  // namespace

nlohmann::json time_classifier(Stream& stream, const Recipe& recipe, const std::string& network,
                               const StepOptions& o) {
  const StreamScope scope(stream);
  ClassifierOptions options = classifier_options(recipe);
  if (o.batch > 0) options.batch = o.batch;
  const int channels = channels_of(recipe);
  const auto classifier = make_classifier(recipe, network, channels, o.classes, Rng(0, "bench"));
  const ResidentSet set = noise(options, channels, o.classes);
  ClassifierSteps steps(*classifier, set, options, 0, "bench");
  Contractions parts;
  if (o.parts) parts = classifier_contractions(recipe, network, options.batch);

  int number = 0;
  const auto step = [&] { steps.take(++number); };
  seconds_per_call(stream, 2, step);  // memory, oneDNN's code, the graph
  const auto sample = [&](int calls) { return seconds_per_call(stream, calls, step); };
  const int calls = warmed_up_steps(stream, 0.5, o.steps, sample);
  std::vector<double> times;
  for (int round = 0; round < o.rounds; ++round) {
    times.push_back(sample(calls));
    time_each(stream, parts, o.vendor);
  }

  const double seconds = median(times);
  const auto parameters = count_parameters(*classifier).trainable;
  const std::string device = to_string(stream.device());
  fmt::print(
      "{}/{}  {} ({})  {}x{}x{}, batch {}, {} parameters: {:.4g} ms per step, {:.4g} images/s\n",
      recipe.name(), network, device, name_of(stream.math_mode()), options.input, options.input,
      channels, options.batch, parameters, 1e3 * seconds, options.batch / seconds);
  nlohmann::json j{{"work", "classifier"},
                   {"recipe", recipe.name()},
                   {"network", network},
                   {"device", device},
                   {"batch", options.batch},
                   {"input", options.input},
                   {"math", name_of(stream.math_mode())},
                   {"kernels", to_string(stream.kernels())},
                   {"rounds", o.rounds},
                   {"steps_per_sample", calls},
                   {"parameters", parameters},
                   {"seconds", seconds},
                   {"fastest", {{"seconds", fastest(times)}}},
                   {"images_per_second", options.batch / seconds}};
  note_kernel_table(stream, j);
  if (!parts.empty()) report_contractions(parts, seconds, j);
  return j;
}

}  // namespace ganymede::bench
