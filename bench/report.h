#pragma once
// The bench's table and its JSON file.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "measure.h"

namespace ganymede::bench {

struct Result {
  std::string device, math, op, layer, shape;
  double flops = 0, bytes = 0;
  Timing timing;
  double flops_per_second() const { return flops / timing.seconds; }
  double bytes_per_second() const { return bytes / timing.seconds; }
};

/// What the device did in the same run on a large product and a large copy.
struct Ceiling {
  std::string device, math;
  double flops_per_second = 0, bytes_per_second = 0;
};

void print_header(const Ceiling& ceiling);
void print_row(const Result& result, const Ceiling& ceiling);

nlohmann::json numbers_of(int batch, const std::vector<Ceiling>& ceilings,
                          const std::vector<Result>& results);

}  // namespace ganymede::bench
