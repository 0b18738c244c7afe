#pragma once
// The bench's table and its JSON file.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "measure.h"

namespace ganymede::bench {

struct Result {
  std::string device, math, kernels;
  std::string kernel_table;  ///< that a contraction's plan came from; empty: none
  std::string op, layer, shape;
  double flops = 0, bytes = 0;
  Timing timing;
  std::optional<Timing> vendor;  ///< the same by cuDNN, cuBLAS or oneDNN
  double flops_per_second() const { return flops / timing.seconds; }
  double bytes_per_second() const { return bytes / timing.seconds; }
  /// The vendor's time over ours: above 1 where ours is the faster.
  double vendor_ratio() const { return vendor->seconds / timing.seconds; }
};

/// What the device did in the same run on a large product and a large copy.
struct Ceiling {
  std::string device, math, kernels;
  double flops_per_second = 0, bytes_per_second = 0;
};

/// `vendor`: with the columns of the vendor's time and the ratio.
void print_header(const Ceiling& ceiling, bool vendor);
void print_row(const Result& result, const Ceiling& ceiling, bool vendor);
/// For each device and op the geometric mean of the ratios, and how many are above 1.
void print_ratios(const std::vector<Result>& results);

nlohmann::json numbers_of(int batch, const std::vector<Ceiling>& ceilings,
                          const std::vector<Result>& results);

}  // namespace ganymede::bench
