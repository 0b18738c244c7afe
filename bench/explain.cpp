#include "explain.h"

#include <fmt/core.h>

#include <algorithm>

#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>

#include "floor.h"

namespace ganymede::bench {
namespace {

using kernels::Explanation;
using kernels::Hardware;
using kernels::KernelTable;

/// The device that is asked about.
struct Subject {
  Hardware hardware;
  std::optional<DeviceSheet> sheet;
  MathMode mode = MathMode::fp32;
  std::shared_ptr<const KernelTable> table;
};

Hardware hardware_here() {
  return kernels::hardware_of(Stream(cuda_device_count() > 0 ? cuda_device() : cpu_device));
}

Subject subject_of(const CommonOptions& o, const std::string& device) {
  Subject s{.hardware = {.name = "cpu"}, .sheet = sheet_of(device), .table = nullptr};
  if (s.sheet)
    s.hardware = s.sheet->hardware;
  else if (device == "here")
    s.hardware = hardware_here();
  else if (device != "cpu")
    throw SettingError("--for " + device + ": expected here, cpu or h200");
  const bool cpu = s.hardware.kind == DeviceKind::cpu;
  s.mode = math_mode(o, cpu ? MathMode::fp32 : MathMode::tf32);
  if (o.kernel_table.empty()) return s;
  s.table = load_kernel_table(o.kernel_table);
  if (s.table->device() != s.hardware)
    throw SettingError(fmt::format("--kernel-table {}: it is of {}, asked is about {}",
                                   o.kernel_table, to_string(s.table->device()),
                                   to_string(s.hardware)));
  return s;
}

Explanation explanation(const Work& w, const Subject& s) {
  return kernels::explain(*w.contraction, s.hardware, s.mode, s.table.get());
}

/// Floors and expectations of some contractions, every layer counted; seconds.
struct Expectation {
  double flops = 0, bytes = 0, floor = 0, by_traffic = 0, expected = 0;
  int contractions = 0;

  double share() const { return floor / expected; }
  void add(const Work& w, const Subject& s) {
    const Floor f = floor_of(w, *s.sheet, s.mode);
    const double clocks = explanation(w, s).clocks / s.sheet->clock;
    flops += w.count * w.flops;
    bytes += w.count * w.bytes;
    floor += w.count * f.seconds();
    if (f.traffic_binds()) by_traffic += w.count * f.seconds();
    expected += w.count * std::max(clocks, f.traffic);  // the model knows nothing of memory
    contractions += w.count;
  }
};

Expectation expectation(const Work& w, const Subject& s) {
  Expectation e;
  Work once = w;
  once.count = 1;
  e.add(once, s);
  return e;
}

void print_text(const std::vector<Work>& works, const Subject& s) {
  fmt::print("{}, {}\n", to_string(s.hardware), name_of(s.mode));
  fmt::print("{:<28} {:<44} {:<34} {:>3} {:>9} {:>8} {:<28} why\n", "op", "layer", "shape", "n",
             "GFLOP", "MB", "kernel");
  for (const Work& w : works) {
    const Explanation found = explanation(w, s);
    fmt::print("{:<28} {:<44} {:<34} {:>3} {:>9.4g} {:>8.3g} {:<28} {}", w.op, w.layer, w.shape,
               w.count, 1e-9 * w.flops, 1e-6 * w.bytes, found.kernel, found.why);
    if (s.sheet) {
      const Expectation e = expectation(w, s);
      fmt::print("; floor {:.3g} us ({}), expected {:.3g} us, {:.0f} %", 1e6 * e.floor,
                 e.by_traffic > 0 ? "bytes" : "operations", 1e6 * e.expected, 100 * e.share());
    }
    fmt::print("\n");
  }
}

/// Three digits, no exponent.
std::string short_number(double v) {
  return v < 100 ? fmt::format("{:.3g}", v) : fmt::format("{:.0f}", v);
}

void print_layers(const std::vector<Work>& works, const Subject& s) {
  fmt::print(
      "| op | layer | shape | layers | GFLOP | MB | floor, us | bound by | kernel | expected, "
      "us | share |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const Work& w : works) {
    const Expectation e = expectation(w, s);
    fmt::print("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0f} % |\n", w.op, w.layer,
               w.shape, w.count, short_number(1e-9 * w.flops), short_number(1e-6 * w.bytes),
               short_number(1e6 * e.floor), e.by_traffic > 0 ? "bytes" : "operations",
               explanation(w, s).kernel, short_number(1e6 * e.expected), 100 * e.share());
  }
}

/// "headct-dcgan32/G" of "headct-dcgan32/G/conv2d".
std::string network_of(const Work& w) {
  return w.layer.substr(0, w.layer.find('/', w.layer.find('/') + 1));
}

void print_networks(const std::vector<Work>& works, const Subject& s) {
  std::vector<std::pair<std::string, Expectation>> networks;
  for (const Work& w : works) {
    if (networks.empty() || networks.back().first != network_of(w))
      networks.push_back({network_of(w), {}});
    networks.back().second.add(w, s);
  }
  fmt::print(
      "| network | contractions | GFLOP | MB | floor, us | of it bound by bytes | expected, us "
      "| share |\n|---|---|---|---|---|---|---|---|\n");
  for (const auto& [name, e] : networks)
    fmt::print("| `{}` | {} | {} | {} | {} | {:.0f} % | {} | {:.0f} % |\n", name, e.contractions,
               short_number(1e-9 * e.flops), short_number(1e-6 * e.bytes),
               short_number(1e6 * e.floor), 100 * e.by_traffic / e.floor,
               short_number(1e6 * e.expected), 100 * e.share());
}

}  // namespace

void print_explanations(const CommonOptions& o, const std::string& device,
                        const std::string& markdown, const std::vector<Work>& contractions) {
  const Subject s = subject_of(o, device);
  if (markdown.empty()) return print_text(contractions, s);
  if (!s.sheet) throw SettingError("--markdown: --for " + device + " has no floors; take h200");
  markdown == "layers" ? print_layers(contractions, s) : print_networks(contractions, s);
}

}  // namespace ganymede::bench
