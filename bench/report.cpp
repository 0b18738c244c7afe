#include "report.h"

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include <ganymede/config.h>

namespace ganymede::bench {
namespace {

/// Share of the ceiling that binds this op.
double share(const Result& r, const Ceiling& c) {
  return r.flops > 0 ? r.flops_per_second() / c.flops_per_second
                     : r.bytes_per_second() / c.bytes_per_second;
}

nlohmann::json entry(const Result& r) {
  nlohmann::json j{{"device", r.device},
                   {"math", r.math},
                   {"kernels", r.kernels},
                   {"op", r.op},
                   {"layer", r.layer},
                   {"shape", r.shape},
                   {"seconds", r.timing.seconds},
                   {"fastest", {{"seconds", r.timing.fastest}}},
                   {"spread", r.timing.spread},
                   {"samples", r.timing.samples},
                   {"repetitions", r.timing.repetitions},
                   {"bytes_per_second", r.bytes_per_second()}};
  if (!r.kernel_table.empty()) j["kernel_table"] = r.kernel_table;
  if (r.flops > 0) j["flops_per_second"] = r.flops_per_second();
  if (r.vendor) {
    j["vendor_seconds"] = r.vendor->seconds;
    j["vendor_spread"] = r.vendor->spread;
    j["vendor_ratio"] = r.vendor_ratio();
  }
  return j;
}

std::string vendor_columns(const Result& r) {
  if (!r.vendor) return fmt::format(" {:>10} {:>6}", "-", "-");
  return fmt::format(" {:>10.1f} {:>6.2f}", r.vendor->seconds * 1e6, r.vendor_ratio());
}

}  // namespace

void print_header(const Ceiling& c, bool vendor) {
  fmt::print("\n{} ({}, {} kernels): large product {:.0f} GFLOP/s, large copy {:.0f} GB/s\n",
             c.device, c.math, c.kernels, c.flops_per_second * 1e-9, c.bytes_per_second * 1e-9);
  fmt::print("{:<28} {:<44} {:<34} {:>10} {:>6} {:>9} {:>8} {:>6}{}\n", "op", "layer", "shape",
             "us", "+-%", "GFLOP/s", "GB/s", "share", vendor ? "  vendor us  ratio" : "");
}

void print_row(const Result& r, const Ceiling& c, bool vendor) {
  const std::string gflops = r.flops > 0 ? fmt::format("{:.1f}", r.flops_per_second() * 1e-9) : "-";
  fmt::print("{:<28} {:<44} {:<34} {:>10.1f} {:>6.1f} {:>9} {:>8.1f} {:>5.0f}%{}\n", r.op, r.layer,
             r.shape, r.timing.seconds * 1e6, 100 * r.timing.spread, gflops,
             r.bytes_per_second() * 1e-9, 100 * share(r, c), vendor ? vendor_columns(r) : "");
}

void print_ratios(const std::vector<Result>& results) {
  struct Sum {
    double logarithms = 0;
    int count = 0, above = 0;
  };
  std::map<std::string, Sum> ops;
  for (const Result& r : results) {
    if (!r.vendor) continue;
    Sum& sum = ops[r.device + " " + r.op];
    sum.logarithms += std::log(r.vendor_ratio());
    sum.above += r.vendor_ratio() > 1.0;
    ++sum.count;
  }
  for (const auto& [op, sum] : ops)
    fmt::print("{:<34} vendor's time over ours: geometric mean {:.2f} of {}, {} above 1\n", op,
               std::exp(sum.logarithms / sum.count), sum.count, sum.above);
}

nlohmann::json numbers_of(int batch, const std::vector<Ceiling>& ceilings,
                          const std::vector<Result>& results) {
  nlohmann::json j{
      {"version", GANYMEDE_VERSION}, {"onednn", bool(GANYMEDE_ONEDNN)}, {"batch", batch}};
  for (const Ceiling& c : ceilings)
    j["ceilings"].push_back({{"device", c.device},
                             {"math", c.math},
                             {"kernels", c.kernels},
                             {"flops_per_second", c.flops_per_second},
                             {"bytes_per_second", c.bytes_per_second}});
  j["results"] = nlohmann::json::array();
  for (const Result& r : results) j["results"].push_back(entry(r));
  return j;
}

}  // namespace ganymede::bench
