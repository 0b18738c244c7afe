#include "program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>

namespace ganymede::bench {
namespace {

/// Of what a body threw; see kernels/error.h.
int exit_code(const std::exception& e) {
  if (dynamic_cast<const SettingError*>(&e)) return 2;
  if (dynamic_cast<const FormatError*>(&e) || dynamic_cast<const FileError*>(&e)) return 3;
  if (dynamic_cast<const DeviceError*>(&e)) return 4;
  return 1;
}

}  // namespace

void declare(CLI::App& app, CommonOptions& o) {
  app.add_option("--device", o.device, "all, cpu or cuda")
      ->check(CLI::IsMember({"all", "cpu", "cuda"}));
  app.add_option("--math", o.math, "precision of products")
      ->check(CLI::IsMember({"default", "fp32", "tf32", "bf16"}));
  app.add_option("--kernel-table", o.kernel_table, "plans of the GPU's products, from --tune")
      ->check(CLI::ExistingFile);
  app.add_option("--kernels", o.kernels,
                 "conv and gemm: own, or vendor (cuda: cuDNN, cuBLAS; cpu: oneDNN)")
      ->check(CLI::IsMember({"own", "vendor"}));
  app.add_option("--json", o.json, "write the numbers to this file");
  app.add_option("--compare", o.compare,
                 "print ratios to an earlier run's --json; exit with 1 where a row is slower")
      ->check(CLI::ExistingFile);
  app.add_option("--tolerance", o.tolerance,
                 "of --compare: slower is a row whose fastest sample takes more than so many times "
                 "the earlier median")
      ->check(CLI::Range(1.0, 100.0));
}

std::vector<Stream> streams_of(const CommonOptions& o) {
  const bool cuda = cuda_device_count() > 0;
  if (o.device == "cuda" && !cuda) throw DeviceError("--device cuda: " + why_no_cuda_device());
  std::vector<Stream> streams;
  if (o.device != "cuda") streams.emplace_back(cpu_device);
  if (o.device == "cuda" || (o.device == "all" && cuda)) streams.emplace_back(cuda_device());
  for (Stream& stream : streams) {
    stream.set_math_mode(math_mode(o, stream.math_mode()));
    if (o.kernels == "vendor") stream.set_kernels(KernelSource::vendor);
  }
  if (!o.kernel_table.empty())  // on the CPU alone it is refused, with the reason
    kernels::set_kernel_table(streams.back(), load_kernel_table(o.kernel_table));
  return streams;
}

MathMode math_mode(const CommonOptions& o, MathMode own) {
  for (const MathMode mode : {MathMode::fp32, MathMode::tf32, MathMode::bf16})
    if (o.math == name_of(mode)) return mode;
  return own;
}

void require_taken(const CLI::App& app, const std::vector<ModeOption>& modes) {
  const auto is_given = [](const CLI::Option* option) { return option->count() > 0; };
  for (const ModeOption& mode : modes) {
    if (!is_given(app.get_option(mode.option))) continue;
    for (const CLI::Option* option : app.get_options(is_given)) {
      const std::string name = option->get_name();
      if (name == mode.option || std::ranges::find(mode.takes, name) != mode.takes.end()) continue;
      throw SettingError(fmt::format("{} takes no {}; leave it out, {} goes with {} alone{}",
                                     mode.option, name, mode.option, fmt::join(mode.takes, ", "),
                                     mode.instead.empty() ? "" : " (" + mode.instead + ")"));
    }
  }
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
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}: {}\n", app.get_name(), e.what());
    return exit_code(e);
  }
}

}  // namespace ganymede::bench
