// bench/kernels: time, GFLOP/s or GB/s of each op at the shapes of the recipes' layers, on the CPU
// and on CUDA where there is a device; or which kernel each contraction takes, and why; or a table
// of the fastest plans.

#include <fmt/core.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>

#include "compare.h"
#include "explain.h"
#include "measure.h"
#include "program.h"
#include "report.h"
#include "tune.h"
#include "works.h"

namespace {

using namespace ganymede;
using namespace ganymede::bench;

struct Options {
  CommonOptions common;
  std::string filter;
  int batch = 0;
  double seconds = 0.2;
  bool list = false, list_parts = false, explain = false;
  std::string device = "here", markdown, tune;
};

/// Throws SettingError where none is left.
std::vector<Work> wanted(std::vector<Work> all, const std::string& filter) {
  std::erase_if(all, [&](const Work& w) { return text_of(w).find(filter) == std::string::npos; });
  if (all.empty())
    throw SettingError("--filter '" + filter + "': nothing contains that; --list names all");
  return all;
}

/// Ops of all families are timed at one batch, so that layers can be compared.
int timed_batch(const Options& o) { return o.batch > 0 ? o.batch : 16; }

/// A GPU that idled has not reached its clocks.
void warm_up(Stream& stream) { measure(stream, large_product(4096), 0.5); }

Ceiling ceiling_of(Stream& stream, double seconds) {
  const bool cpu = stream.device().kind == DeviceKind::cpu;
  const Work product = large_product(cpu ? 768 : 4096);
  if (!cpu) warm_up(stream);
  const Work copy = large_copy(std::int64_t{1} << (cpu ? 24 : 26));
  return {to_string(stream.device()), name_of(stream.math_mode()), to_string(stream.kernels()),
          product.flops / measure(stream, product, seconds).seconds,
          copy.bytes / measure(stream, copy, seconds).seconds};
}

/// Whether own contractions on this stream are compared with the vendor's. Says why not where the
/// build has them and the machine does not.
bool compares(Stream& stream) {
  const DeviceKind kind = stream.device().kind;
  const bool built = kind == DeviceKind::cpu ? kernels::has_onednn : kernels::has_vendor;
  if (!built || stream.kernels() == KernelSource::vendor) return false;
  const std::string missing = why_no_vendor_kernels(kind);
  if (!missing.empty()) fmt::print(stderr, "without the vendor's times: {}\n", missing);
  return missing.empty();
}

Result timed(Stream& stream, const Work& w, double seconds, bool vendor) {
  Result r{to_string(stream.device()),
           name_of(stream.math_mode()),
           to_string(stream.kernels()),
           w.contraction ? kernel_table_text(stream) : "",
           w.op,
           w.layer,
           w.shape,
           w.flops,
           w.bytes,
           {},
           {}};
  std::vector<Timing> both;
  if (vendor && has_own_and_vendor(stream, w)) both = own_and_vendor(stream, w, seconds);
  r.timing = both.empty() ? measure(stream, w, seconds) : both[0];
  if (!both.empty()) r.vendor = both[1];
  return r;
}

void list(const Options& o) {
  for (const Work& w : wanted(works(timed_batch(o)), o.filter))
    fmt::print("{:<28} {:<44} {}\n", w.op, w.layer, w.shape);
}

void list_parts(const Options& o) {
  const std::vector<Work> all = o.tune.empty() ? works(timed_batch(o)) : contractions(o.batch);
  for (const std::string& part : parts_of(wanted(all, o.filter))) fmt::print("{}\n", part);
}

void write_table(const Options& o) {
  CommonOptions common = o.common;
  if (common.device == "all") common.device = "cuda";
  const std::vector<Work> products = wanted(contractions(o.batch), o.filter);
  for (Stream& stream : streams_of(common)) {
    if (stream.device().kind == DeviceKind::cuda) warm_up(stream);
    save_kernel_table(o.tune, tune(stream, products, o.seconds, o.tune));
  }
}

void time_all(const Options& o) {
  const nlohmann::json before = earlier_numbers(o.common);
  std::vector<Result> results;
  std::vector<Ceiling> ceilings;
  const auto numbers = [&] { return numbers_of(timed_batch(o), ceilings, results); };
  for (Stream& stream : streams_of(o.common)) {
    ceilings.push_back(ceiling_of(stream, o.seconds));
    const bool vendor = compares(stream);
    print_header(ceilings.back(), vendor);
    for (const Work& w : wanted(works(timed_batch(o)), o.filter)) {
      results.push_back(timed(stream, w, o.seconds, vendor));
      print_row(results.back(), ceilings.back(), vendor);
      // The next op may hang, or the device fail in it: half a run is kept, and compared with none.
      finish_numbers(o.common, {}, numbers());
      std::fflush(stdout);
    }
  }
  print_ratios(results);
  finish_numbers(o.common, before, numbers());
}

/// What each of them goes with; without any of them ops are timed, with all options.
std::vector<ModeOption> modes() {
  return {{"--list", {"--filter", "--batch"}},
          {"--list-parts", {"--filter", "--batch", "--tune"}},
          {"--explain",
           {"--filter", "--batch", "--math", "--kernel-table", "--for", "--markdown"},
           "--for names the device that is asked about"},
          {"--tune", {"--filter", "--batch", "--math", "--device", "--seconds", "--list-parts"}}};
}

void run(const Options& o) {
  if (o.list) return list(o);
  if (o.list_parts) return list_parts(o);
  if (!o.tune.empty()) return write_table(o);
  if (!o.explain) return time_all(o);
  print_explanations(o.common, o.device, o.markdown, wanted(contractions(o.batch), o.filter));
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Times each op at the shapes of the recipes' layers.", "kernels"};
  declare(app, o.common);
  app.add_option("--filter", o.filter, "only what contains this text: op, layer or shape");
  app.add_option("--batch", o.batch,
                 "images per batch (default: 16; of --explain and --tune each recipe's own)")
      ->check(CLI::Range(1, 4096));
  app.add_option("--seconds", o.seconds, "time spent on each op")->check(CLI::Range(0.001, 60.0));
  app.add_flag("--list", o.list, "name what would be timed and stop");
  app.add_flag("--list-parts", o.list_parts,
               "name the parts of what would be timed, or tuned, each a --filter, and stop");
  auto* explain = app.add_flag("--explain", o.explain,
                               "which kernel each contraction takes, and why; nothing is timed");
  app.add_option("--for", o.device,
                 "with --explain: here (default), cpu, or h200 without having one")
      ->needs(explain);
  app.add_option("--markdown", o.markdown, "with --explain: a table of the layers or the networks")
      ->needs(explain)
      ->check(CLI::IsMember({"layers", "networks"}));
  app.add_option(
      "--tune", o.tune,
      "time every tile and split of each product on the GPU, write the fastest to this "
      "file (for --kernel-table), or go on with it; what a run died of is in FILE.trying "
      "and tried no more");
  app.footer("Example: kernels --device cpu --filter \"conv2d headct-dcgan32/D\" --json out.json");
  return run_program(app, argc, argv, [&] {
    require_taken(app, modes());
    run(o);
  });
}
