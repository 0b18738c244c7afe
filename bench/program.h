#pragma once
// What the benches share as programs: options, streams, exit codes.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/stream.h>

namespace ganymede::bench {

struct CommonOptions {
  std::string device = "all";    ///< all | cpu | cuda
  std::string math = "default";  ///< the stream's own, or fp32 | tf32 | bf16
  std::string kernel_table;      ///< file of plans for the GPU; empty: by the model
  std::string kernels = "own";   ///< of conv and gemm: own | vendor
  std::string json;              ///< file for the numbers; empty: none
  std::string compare;           ///< file of an earlier run's numbers; empty: none
  double tolerance = 1.15;       ///< of compare, in multiples of the earlier median
};
void declare(CLI::App& app, CommonOptions& options);

/// A stream on each wanted device, with the wanted math mode and kernels and the GPU's table.
/// Throws DeviceError for cuda where there is none, SettingError for a table without its GPU, and
/// what Stream::set_kernels throws.
std::vector<Stream> streams_of(const CommonOptions& options);

/// The mode that --math names, or `own` for "default".
MathMode math_mode(const CommonOptions& options, MathMode own);

using kernels::name_of;

/// What an option that changes what a program does goes together with.
struct ModeOption {
  std::string option;              ///< "--list"
  std::vector<std::string> takes;  ///< "--filter"; all others would be ignored
  std::string instead{};           ///< the mend of what somebody may expect of it, or empty
};
/// Throws SettingError for an option that was given beside a mode's and is none that it takes.
void require_taken(const CLI::App& app, const std::vector<ModeOption>& modes);

/// Parses, runs `body`, and prints what it throws behind the program's name. Gives the exit code:
/// 0, 1 something failed, 2 bad usage, 3 a bad file, 4 no device.
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

}  // namespace ganymede::bench
