// bench/search: what a latent search costs per query when queries are searched one by one and many
// at a time, on AnoGAN's networks at full size.

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <fmt/core.h>

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/search_space.h>

#include "compare.h"
#include "measure.h"
#include "program.h"

namespace {

using namespace ganymede;
using namespace ganymede::bench;
using Clock = std::chrono::steady_clock;

struct Options {
  CommonOptions common;
  std::vector<int> batches{1, 8, 64};
  int size = 64, width = 64, steps = 20, rounds = 3;
};

GanOptions gan_of(const Options& o) {
  GanOptions gan;
  gan.network = {.model = GanModel::anogan64, .size = o.size, .width = o.width, .slope = 0.2f};
  return gan;
}

/// Seconds per query and step, whole batches, without the first search (which warms up, and on a
/// GPU records).
double time_batch(Gan& gan, const Options& o, int batch) {
  Rng rng(1, "queries");
  const Tensor queries = rng.uniform({batch, o.size, o.size, 1}, -1.0f, 1.0f);
  LatentSearch search(search_space(gan, ""), {.steps = o.steps, .batch = batch}, 1, "bench");
  const auto seconds = [&] {
    const Clock::time_point start = Clock::now();
    const double best = search.run(queries).matches.front().score;  // waits for the device
    if (!(best > 0)) throw Error("bench: a search without a score");
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  seconds();
  return seconds() / batch / o.steps;
}

/// A row for each number of queries at a time, appended to `rows`.
void time_all(Stream& stream, const Options& o, nlohmann::json& rows) {
  const StreamScope current(stream);
  Gan gan(gan_of(o), 1, "bench");
  std::map<int, std::vector<double>> seconds;
  for (int round = 0; round < o.rounds; ++round)
    for (int batch : o.batches) seconds[batch].push_back(time_batch(gan, o, batch));
  fmt::print("{}: latent search, {}x{}, width {}, {} steps, medians of {} rounds\n",
             to_string(stream.device()), o.size, o.size, o.width, o.steps, o.rounds);
  const double first = median(seconds[o.batches.front()]);
  for (int batch : o.batches) {
    const double each = median(seconds[batch]);
    fmt::print("  {:4} at a time {:9.3f} ms per query and step  {:6.3f} of {} at a time\n", batch,
               1e3 * each, each / first, o.batches.front());
    rows.push_back({{"work", "latent search"},
                    {"device", to_string(stream.device())},
                    {"math", name_of(stream.math_mode())},
                    {"kernels", to_string(stream.kernels())},
                    {"size", o.size},
                    {"width", o.width},
                    {"steps", o.steps},
                    {"rounds", o.rounds},
                    {"batch", batch},
                    {"seconds_per_query_and_step", each},
                    {"fastest", {{"seconds_per_query_and_step", fastest(seconds[batch])}}},
                    {"ratio", each / first}});
    note_kernel_table(stream, rows.back());
  }
}

void run(const Options& o) {
  const nlohmann::json before = earlier_numbers(o.common);
  nlohmann::json j{{"version", GANYMEDE_VERSION}};
  for (Stream& stream : streams_of(o.common)) time_all(stream, o, j["results"]);
  finish_numbers(o.common, before, j);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Times a latent search per query, one by one and many at a time.", "search"};
  declare(app, o.common);
  app.add_option("--batches", o.batches, "queries at a time; the first is compared with");
  app.add_option("--size", o.size, "side of the images, pixels");
  app.add_option("--width", o.width, "feature maps of the discriminator's first layer");
  app.add_option("--steps", o.steps, "updates of z")->check(CLI::Range(1, 100000));
  app.add_option("--rounds", o.rounds, "samples; the median counts")->check(CLI::Range(1, 1000));
  app.footer("Example: OMP_NUM_THREADS=2 search --batches 1 64 --json out.json");
  return run_program(app, argc, argv, [&] { run(o); });
}
