#include "report.h"

#include <fmt/core.h>

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
                   {"op", r.op},
                   {"layer", r.layer},
                   {"shape", r.shape},
                   {"seconds", r.timing.seconds},
                   {"fastest", {{"seconds", r.timing.fastest}}},
                   {"spread", r.timing.spread},
                   {"samples", r.timing.samples},
                   {"repetitions", r.timing.repetitions},
                   {"bytes_per_second", r.bytes_per_second()}};
  if (r.flops > 0) j["flops_per_second"] = r.flops_per_second();
  return j;
}

}  // namespace

void print_header(const Ceiling& c) {
  fmt::print("\n{} ({}): large product {:.0f} GFLOP/s, large copy {:.0f} GB/s\n", c.device, c.math,
             c.flops_per_second * 1e-9, c.bytes_per_second * 1e-9);
  fmt::print("{:<28} {:<44} {:<34} {:>10} {:>6} {:>9} {:>8} {:>6}\n", "op", "layer", "shape", "us",
             "+-%", "GFLOP/s", "GB/s", "share");
}

void print_row(const Result& r, const Ceiling& c) {
  const std::string gflops = r.flops > 0 ? fmt::format("{:.1f}", r.flops_per_second() * 1e-9) : "-";
  fmt::print("{:<28} {:<44} {:<34} {:>10.1f} {:>6.1f} {:>9} {:>8.1f} {:>5.0f}%\n", r.op, r.layer,
             r.shape, r.timing.seconds * 1e6, 100 * r.timing.spread, gflops,
             r.bytes_per_second() * 1e-9, 100 * share(r, c));
}

nlohmann::json numbers_of(int batch, const std::vector<Ceiling>& ceilings,
                          const std::vector<Result>& results) {
  nlohmann::json j{
      {"version", GANYMEDE_VERSION}, {"onednn", bool(GANYMEDE_ONEDNN)}, {"batch", batch}};
  for (const Ceiling& c : ceilings)
    j["ceilings"].push_back({{"device", c.device},
                             {"math", c.math},
                             {"flops_per_second", c.flops_per_second},
                             {"bytes_per_second", c.bytes_per_second}});
  j["results"] = nlohmann::json::array();
  for (const Result& r : results) j["results"].push_back(entry(r));
  return j;
}

}  // namespace ganymede::bench
