// bench/kernels: time, GFLOP/s or GB/s of each op at the shapes of the recipes' layers, on the CPU
// and on CUDA where there is a device.

#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

#include <ganymede/kernels/dispatch.h>

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
  return {to_string(stream.device()), name_of(stream.math_mode()), to_string(stream.kernels()),
          product.flops / measure(stream, product, seconds).seconds,
          copy.bytes / measure(stream, copy, seconds).seconds};
}

/// Whether own contractions on this stream are compared with cuDNN's and cuBLAS's. Says why not
/// where the build has them and the machine does not.
bool compares(Stream& stream) {
  if (!kernels::has_vendor || stream.device().kind == DeviceKind::cpu ||
      stream.kernels() == KernelSource::vendor)
    return false;
  const std::string missing = why_no_vendor_kernels();
  if (!missing.empty()) fmt::print(stderr, "without the vendor's times: {}\n", missing);
  return missing.empty();
}

Result timed(Stream& stream, const Work& w, double seconds, bool vendor) {
  Result r{to_string(stream.device()), w.op, w.layer, w.shape, w.flops, w.bytes, {}, {}};
  if (vendor && w.contraction) {
    try {
      const auto both = measure_each(stream, w, seconds, {KernelSource::own, KernelSource::vendor});
      r.timing = both[0];
      r.vendor = both[1];
      return r;
    } catch (const SettingError& e) {  // what the vendor cannot do
      fmt::print(stderr, "{} {}: {}\n", w.op, w.shape, e.what());
    }
  }
  r.timing = measure(stream, w, seconds);
  return r;
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
    const bool vendor = compares(stream);
    print_header(ceilings.back(), vendor);
    for (const Work& w : works(o.batch)) {
      if (!wanted(w, o.filter)) continue;
      results.push_back(timed(stream, w, o.seconds, vendor));
      print_row(results.back(), ceilings.back(), vendor);
      std::fflush(stdout);
    }
  }
  print_ratios(results);
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
