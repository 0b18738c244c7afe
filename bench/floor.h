#pragma once
// The least time that an op can take on a device, by its arithmetic and its traffic.

#include <optional>
#include <string>

#include <ganymede/kernels/plan.h>

#include "works.h"

namespace ganymede::bench {

/// A GPU by its maker's data sheet, so that plans and floors can be had where none is. Dense rates.
struct DeviceSheet {
  const char* word;  ///< for --for
  kernels::Hardware hardware;
  double fp32 = 0, tf32 = 0, bf16 = 0;  ///< FLOP/s; fp32 outside the tensor cores
  double bytes_per_second = 0;          ///< of its memory
  double clock = 0;                     ///< Hz at which the tensor cores' rates hold
};

/// Nothing for a word without a sheet.
std::optional<DeviceSheet> sheet_of(const std::string& word);

struct Floor {
  double arithmetic = 0, traffic = 0;  ///< seconds
  double seconds() const { return arithmetic > traffic ? arithmetic : traffic; }
  bool traffic_binds() const { return traffic > arithmetic; }
};

/// Direct sums at the mode's rate; every operand once through memory.
Floor floor_of(const Work& work, const DeviceSheet& sheet, MathMode mode);

}  // namespace ganymede::bench
