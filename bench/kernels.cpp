// bench/kernels: time, GFLOP/s or GB/s of each op at the shapes of the recipes' layers, on the CPU
// and on CUDA where there is a device.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <ganymede/kernels/error.h>

#include "measure.h"
#include "report.h"
#include "works.h"

namespace {

using namespace ganymede;
using namespace ganymede::bench;

struct Options {
  std::string device = "all", filter, json, math = "default";
  int batch = 16;
  double seconds = 0.2;
  bool list = false;
};

std::vector<Device> devices_of(const Options& o) {
  std::vector<Device> devices;
  if (o.device == "all" || o.device == "cpu") devices.push_back(cpu_device);
  if (o.device == "cuda" && cuda_device_count() == 0)
    throw DeviceError("--device cuda: " + why_no_cuda_device());
  if (o.device == "cuda" || (o.device == "all" && cuda_device_count() > 0))
    devices.push_back(cuda_device());
  return devices;
}

std::optional<MathMode> math_of(const Options& o) {
  if (o.math == "fp32") return MathMode::fp32;
  if (o.math == "tf32") return MathMode::tf32;
  if (o.math == "bf16") return MathMode::bf16;
  return std::nullopt;
}

const char* name_of(MathMode mode) {
  return mode == MathMode::tf32 ? "tf32" : mode == MathMode::bf16 ? "bf16" : "fp32";
}

bool wanted(const Work& w, const std::string& filter) {
  return (w.op + " " + w.layer + " " + w.shape).find(filter) != std::string::npos;
}

Ceiling ceiling_of(Stream& stream, std::size_t cache_bytes, double seconds) {
  const bool cpu = stream.device().kind == DeviceKind::cpu;
  const Work product = large_product(cpu ? 768 : 4096);
  const Work copy = large_copy(std::int64_t{1} << (cpu ? 24 : 26));
  return {to_string(stream.device()), name_of(stream.math_mode()),
          product.flops / measure(stream, product, cache_bytes, seconds).seconds,
          copy.bytes / measure(stream, copy, cache_bytes, seconds).seconds};
}

void run(const Options& o) {
  std::vector<Result> results;
  std::vector<Ceiling> ceilings;
  for (const Device device : devices_of(o)) {
    Stream stream(device);
    if (const auto mode = math_of(o)) stream.set_math_mode(*mode);
    // Above the last level of today's servers (CPU) and of an H200's 50 MB L2.
    const std::size_t cache_bytes = std::size_t{64} << 20;
    ceilings.push_back(ceiling_of(stream, cache_bytes, o.seconds));
    print_header(ceilings.back());
    for (const Work& w : works(o.batch)) {
      if (!wanted(w, o.filter)) continue;
      const Result r{to_string(device),
                     w.op,
                     w.layer,
                     w.shape,
                     w.flops,
                     w.bytes,
                     measure(stream, w, cache_bytes, o.seconds)};
      print_row(r, ceilings.back());
      std::fflush(stdout);
      results.push_back(r);
    }
  }
  if (!o.json.empty()) write_json(o.json, o.batch, ceilings, results);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Times each op at the shapes of the recipes' layers.", "kernels"};
  app.add_option("--device", o.device, "all, cpu or cuda")
      ->check(CLI::IsMember({"all", "cpu", "cuda"}));
  app.add_option("--filter", o.filter, "only what contains this text: op, layer or shape");
  app.add_option("--batch", o.batch, "images per batch")->check(CLI::Range(1, 4096));
  app.add_option("--math", o.math, "precision of products")
      ->check(CLI::IsMember({"default", "fp32", "tf32", "bf16"}));
  app.add_option("--seconds", o.seconds, "time spent on each op")->check(CLI::Range(0.001, 60.0));
  app.add_option("--json", o.json, "write the numbers to this file");
  app.add_flag("--list", o.list, "name what would be timed and stop");
  app.footer("Example: kernels --device cpu --filter \"conv2d headct-dcgan32/D\" --json out.json");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    if (o.list) {
      for (const Work& w : works(o.batch))
        if (wanted(w, o.filter)) fmt::print("{:<28} {:<27} {}\n", w.op, w.layer, w.shape);
      return 0;
    }
    run(o);
    return 0;
  } catch (const DeviceError& e) {
    fmt::print(stderr, "kernels: {}\n", e.what());
    return 4;
  } catch (const std::exception& e) {
    fmt::print(stderr, "kernels: {}\n", e.what());
    return 1;
  }
}
