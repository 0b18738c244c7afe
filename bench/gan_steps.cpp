#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include <ganymede/models/gan.h>

#include "compare.h"
#include "contractions.h"
#include "program.h"
#include "steps.h"

namespace ganymede::bench {
namespace {

/// A GAN and a batch for it.
class Subject {
 public:
  Subject(Stream& stream, const GanOptions& options, int n_critic)
      : stream_(stream), gan_(options, 0, "bench"), n_critic_(n_critic) {
    Rng rng(0, "bench/reals");
    real_ = rng.uniform(image_extents(options.network, options.batch), -1.0f, 1.0f);
    if (options.network.classes > 0) labels_ = classes_in_turn(options);
  }

  Gan& gan() { return gan_; }
  double discriminator(int times) {
    return seconds_per_call(stream_, times, [&] { gan_.train_discriminator(real_, labels_); });
  }
  double both(int times) {
    return seconds_per_call(stream_, times, [&] { gan_.step(real_, labels_); });
  }
  double cycle(int times) {
    return seconds_per_call(stream_, times, [&] {
      for (int i = 1; i < n_critic_; ++i) gan_.train_discriminator(real_, labels_);
      gan_.step(real_, labels_);
    });
  }

 private:
  static Tensor classes_in_turn(const GanOptions& options) {
    std::vector<std::int32_t> labels;
    for (int i = 0; i < options.batch; ++i) labels.push_back(i % options.network.classes);
    return Tensor::from(labels, {options.batch});
  }

  Stream& stream_;
  Gan gan_;
  int n_critic_;
  Tensor real_, labels_;
};

/// Of a sample of each.
struct Steps {
  int discriminator, both, cycle;
};

struct Times {
  Steps steps;
  std::vector<double> discriminator, both, cycle;
};

Steps warm_up(Stream& stream, Subject& subject, int least) {
  constexpr int first = 2;  // memory, oneDNN's code, the captured graphs
  subject.discriminator(first);
  subject.both(first);
  constexpr double seconds = 0.5 / 3;
  const auto steps = [&](double (Subject::*kind)(int)) {
    return warmed_up_steps(stream, seconds, least, [&](int n) { return (subject.*kind)(n); });
  };
  return {steps(&Subject::discriminator), steps(&Subject::both), steps(&Subject::cycle)};
}

Times measure_all(Stream& stream, Subject& subject, Contractions& parts, const StepOptions& o) {
  const Steps steps = warm_up(stream, subject, o.steps);
  Times times{steps, {}, {}, {}};
  for (int round = 0; round < o.rounds; ++round) {
    times.discriminator.push_back(subject.discriminator(steps.discriminator));
    times.both.push_back(subject.both(steps.both));
    times.cycle.push_back(subject.cycle(steps.cycle));
    time_each(stream, parts, o.vendor);
  }
  return times;
}

void print_line(const std::string& what, double seconds, int images) {
  fmt::print("  {:<38} {:>9.4g} ms {:>9.4g} images/s\n", what, 1e3 * seconds, images / seconds);
}

}  // namespace

nlohmann::json time_gan(Stream& stream, BenchGan bench, const StepOptions& o) {
  const StreamScope scope(stream);
  GanOptions& options = bench.options;
  if (o.batch > 0) options.batch = o.batch;
  const int n_critic = bench.n_critic, batch = options.batch;
  Subject subject(stream, options, n_critic);
  const bool penalty = options.penalty > 0.0f;
  Contractions parts;
  if (o.parts && !penalty) parts = gan_contractions(bench);
  const Times times = measure_all(stream, subject, parts, o);

  const double discriminator = median(times.discriminator), both = median(times.both),
               cycle = median(times.cycle);
  const auto g = count_parameters(subject.gan().generator()).trainable;
  const auto d = count_parameters(subject.gan().discriminator()).trainable;
  const std::string device = to_string(stream.device());
  fmt::print("{}  {} ({})  batch {}, {} and {} parameters\n", bench.name, device,
             name_of(stream.math_mode()), batch, g, d);
  print_line("discriminator", discriminator, batch);
  print_line("discriminator and generator", both, batch);
  if (n_critic > 1)
    print_line(fmt::format("{} of the discriminator, 1 generator", n_critic), cycle,
               n_critic * batch);
  nlohmann::json j{{"work", "gan"},
                   {"recipe", bench.name},
                   {"device", device},
                   {"batch", batch},
                   {"math", name_of(stream.math_mode())},
                   {"kernels", to_string(stream.kernels())},
                   {"rounds", o.rounds},
                   {"steps_per_sample",
                    {{"discriminator_seconds", times.steps.discriminator},
                     {"seconds", times.steps.both},
                     {"cycle_seconds", times.steps.cycle}}},
                   {"parameters", {{"generator", g}, {"discriminator", d}}},
                   {"n_critic", n_critic},
                   {"discriminator_seconds", discriminator},
                   {"seconds", both},
                   {"cycle_seconds", cycle},
                   {"fastest",
                    {{"discriminator_seconds", fastest(times.discriminator)},
                     {"seconds", fastest(times.both)},
                     {"cycle_seconds", fastest(times.cycle)}}},
                   {"images_per_second", n_critic * batch / cycle}};
  note_kernel_table(stream, j);
  if (o.parts && penalty)
    fmt::print("  convolutions alone: left out, a gradient penalty's are not counted\n");
  if (!parts.empty()) report_contractions(parts, both, discriminator, j);
  return j;
}

}  // namespace ganymede::bench
