#pragma once
// What the benches share as programs: options, streams, exit codes.

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <ganymede/kernels/stream.h>

namespace ganymede::bench {

struct CommonOptions {
  std::string device = "all";    ///< all | cpu | cuda
  std::string math = "default";  ///< the stream's own, or fp32 | tf32 | bf16
  std::string kernels = "own";   ///< of conv and gemm on CUDA: own | vendor
  std::string json;              ///< file for the numbers; empty: none
};
void declare(CLI::App& app, CommonOptions& options);

/// A stream on each wanted device. Throws DeviceError for cuda where there is none, and what
/// Stream::set_kernels throws.
std::vector<Stream> streams_of(const CommonOptions& options);

const char* name_of(MathMode mode);

/// Writes what --json asks for; nothing for an empty path. Throws FileError naming it.
void write_numbers(const std::string& path, const nlohmann::json& numbers);

/// Parses, runs `body`, and prints what it throws behind the program's name. Gives the exit code:
/// 0, 1 something failed, 2 bad usage, 4 no device.
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

}  // namespace ganymede::bench
