#pragma once
// Plans by the clock instead of the model.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <ganymede/kernels/plan.h>

#include "works.h"

namespace ganymede::bench {

/// Eligible plans of a work's product that would run there: none where it is no product or goes by
/// minimal filtering, which asks for no plan, and none by warpgroups for operands that these cannot
/// take.
std::vector<kernels::ProductPlan> plans_that_run(const Work& work, const kernels::Hardware& device,
                                                 MathMode mode);

/// A table that grows in a file, so that a run which dies costs one plan and no other. Beside it
/// lies `path`.trying: a line for the plan under trial, written before it runs, and one for each
/// that was under trial when an earlier run died, which no later run tries. It is there for as long
/// as it has lines.
class GrowingTable {
 public:
  /// Goes on with the file where there is one. An empty path: in memory alone. Throws what
  /// load_kernel_table throws, and SettingError for a table of another device.
  GrowingTable(std::string path, const kernels::Hardware& device);

  const kernels::KernelTable& table() const { return table_; }
  bool has(MathMode mode, const kernels::Product& product) const;
  /// That an earlier run died of it, or of three plans of its tile in this mode: a kernel that
  /// never ends would take as long as the watch for each product. Empty where it is to be tried.
  std::string why_left_out(MathMode mode, const kernels::Product& product,
                           const kernels::ProductPlan& plan) const;
  /// Notes the plan; what follows may hang or end the process.
  void begin_trial(MathMode mode, const kernels::Product& product,
                   const kernels::ProductPlan& plan);
  void end_trial();
  /// Adds the product's plan and writes the file.
  void add(MathMode mode, const kernels::Product& product, const kernels::ProductPlan& plan);
  /// "NVIDIA H200, ...: tf32 conv2d 512x128x1152 z 1 (9, 1), 128x128 x4": a line of the file.
  std::string line_of(MathMode mode, const kernels::Product& product,
                      const kernels::ProductPlan& plan) const;

 private:
  void write_trials(const std::string& under_trial) const;

  std::string path_;
  kernels::KernelTable table_;
  std::set<std::string> dead_;  ///< lines of earlier runs
};

struct TimedPlan {
  kernels::ProductPlan plan;
  double seconds;
};

/// Seconds of a plan; throws DeviceError where the device fails.
using PlanClock = std::function<double(const kernels::ProductPlan&)>;

/// Times those of a product's plans that no run died of, names the others, and adds the fastest to
/// the table. Gives what it timed: nothing where none is left, which is said. On a DeviceError the
/// plan keeps its line, and the error that is thrown names it.
std::vector<TimedPlan> tune_product(GrowingTable& table, MathMode mode,
                                    const kernels::Product& product,
                                    const std::vector<kernels::ProductPlan>& plans,
                                    const PlanClock& clock);

/// Times every plan that runs of every product among the works on the stream, in its math mode, and
/// gives the fastest of each; equal products once, and none that the file at `path` has. The file
/// has each product as soon as it is timed; without a path there is none. Prints a row for each
/// beside the model's plan. `seconds` is spent on each plan. The stream is left without a table.
/// With a path, a plan that does not end ends the program, with 4, and a SIGTERM waits for the plan
/// under trial, which then is not taken for one that hangs. Throws SettingError for a CPU stream,
/// whose routes follow from the shape alone, and Error after a SIGTERM.
kernels::KernelTable tune(Stream& stream, const std::vector<Work>& works, double seconds,
                          const std::string& path = {});

}  // namespace ganymede::bench
