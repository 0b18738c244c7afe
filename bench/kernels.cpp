// bench/kernels: time, GFLOP/s or GB/s of each op at the shapes of the recipes' layers, on the CPU
// and on CUDA where there is a device.

#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

#include "measure.h"
#include "program.h"
#include "report.h"
#include "works.h"

namespace {

using namespace ganymede;
using namespace ganymede::bench;

struct Options {
  CommonOptions common;
  std::string filter;
  int batch = 16;
  double seconds = 0.2;
  bool list = false;
};

bool wanted(const Work& w, const std::string& filter) {
  return (w.op + " " + w.layer + " " + w.shape).find(filter) != std::string::npos;
}

Ceiling ceiling_of(Stream& stream, double seconds) {
  const bool cpu = stream.device().kind == DeviceKind::cpu;
  const Work product = large_product(cpu ? 768 : 4096);
  const Work copy = large_copy(std::int64_t{1} << (cpu ? 24 : 26));
  return {to_string(stream.device()), name_of(stream.math_mode()),
          product.flops / measure(stream, product, seconds).seconds,
          copy.bytes / measure(stream, copy, seconds).seconds};
}

void list(const Options& o) {
  for (const Work& w : works(o.batch))
    if (wanted(w, o.filter)) fmt::print("{:<28} {:<44} {}\n", w.op, w.layer, w.shape);
}

void run(const Options& o) {
  if (o.list) return list(o);
  std::vector<Result> results;
  std::vector<Ceiling> ceilings;
  for (Stream& stream : streams_of(o.common)) {
    ceilings.push_back(ceiling_of(stream, o.seconds));
    print_header(ceilings.back());
    for (const Work& w : works(o.batch)) {
      if (!wanted(w, o.filter)) continue;
      const Timing timing = measure(stream, w, o.seconds);
      results.push_back(
          {to_string(stream.device()), w.op, w.layer, w.shape, w.flops, w.bytes, timing});
      print_row(results.back(), ceilings.back());
      std::fflush(stdout);
    }
  }
  write_json(o.common.json, o.batch, ceilings, results);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Times each op at the shapes of the recipes' layers.", "kernels"};
  declare(app, o.common);
  app.add_option("--filter", o.filter, "only what contains this text: op, layer or shape");
  app.add_option("--batch", o.batch, "images per batch")->check(CLI::Range(1, 4096));
  app.add_option("--seconds", o.seconds, "time spent on each op")->check(CLI::Range(0.001, 60.0));
  app.add_flag("--list", o.list, "name what would be timed and stop");
  app.footer("Example: kernels --device cpu --filter \"conv2d headct-dcgan32/D\" --json out.json");
  return run_program(app, argc, argv, [&] { run(o); });
}
