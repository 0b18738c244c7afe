#include "program.h"

#include <fmt/core.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>

namespace ganymede::bench {

void write_numbers(const std::string& path, const nlohmann::json& numbers) {
  if (path.empty()) return;
  std::ofstream file(path);
  file << numbers.dump(2) << '\n';
  file.flush();
  if (!file) throw FileError("bench: cannot write " + path);
}

void declare(CLI::App& app, CommonOptions& o) {
  app.add_option("--device", o.device, "all, cpu or cuda")
      ->check(CLI::IsMember({"all", "cpu", "cuda"}));
  app.add_option("--math", o.math, "precision of products")
      ->check(CLI::IsMember({"default", "fp32", "tf32", "bf16"}));
  app.add_option("--kernels", o.kernels, "conv and gemm on CUDA: own, or vendor (cuDNN, cuBLAS)")
      ->check(CLI::IsMember({"own", "vendor"}));
  app.add_option("--json", o.json, "write the numbers to this file");
}

std::vector<Stream> streams_of(const CommonOptions& o) {
  const bool cuda = cuda_device_count() > 0;
  if (o.device == "cuda" && !cuda) throw DeviceError("--device cuda: " + why_no_cuda_device());
  std::vector<Stream> streams;
  if (o.device != "cuda") streams.emplace_back(cpu_device);
  if (o.device == "cuda" || (o.device == "all" && cuda)) streams.emplace_back(cuda_device());
  for (Stream& stream : streams) {
    if (o.math == "fp32") stream.set_math_mode(MathMode::fp32);
    if (o.math == "tf32") stream.set_math_mode(MathMode::tf32);
    if (o.math == "bf16") stream.set_math_mode(MathMode::bf16);
    if (o.kernels == "vendor") stream.set_kernels(KernelSource::vendor);
  }
  return streams;
}

const char* name_of(MathMode mode) {
  return mode == MathMode::tf32 ? "tf32" : mode == MathMode::bf16 ? "bf16" : "fp32";
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    body();
    return 0;
  } catch (const DeviceError& e) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), e.what());
    return 4;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), e.what());
    return 1;
  }
}

}  // namespace ganymede::bench
