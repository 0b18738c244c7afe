#include <ganymede/tools/verbs/doctor.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <omp.h>

#include <ganymede/config.h>
#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/stream.h>
#include <ganymede/tools/study/memory_estimate.h>
#include <ganymede/tools/versions.h>

namespace ganymede {
namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;

/// "Intel Xeon ..." on x86; the bare architecture where the system does not say.
std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

void print_cuda_devices() {
  if constexpr (kernels::has_cuda) {
    for (int i = 0; i < cuda_device_count(); ++i) {
      const auto device = kernels::cuda::runtime::properties(i);
      fmt::print(
          "  cuda:{}  {}, compute {}.{} (kernels made for {}.{}), {} multiprocessors, {:.1f} GiB\n",
          i, device.name, device.compute_major, device.compute_minor, device.code_major,
          device.code_minor, device.multiprocessors, double(device.memory) / gib);
    }
  }
}

std::vector<std::string> missing() {
  std::vector<std::string> lines;
  if (!kernels::has_cuda)
    lines.push_back(
        "CUDA: not in this build; install the CUDA toolkit and build with "
        "`cmake --preset cuda && cmake --build --preset cuda`");
  else if (cuda_device_count() == 0)
    lines.push_back("CUDA device: " + why_no_cuda_device());
  if (!GANYMEDE_ONEDNN)
    lines.emplace_back(
        "oneDNN: not in this build, the CPU is slow; install libdnnl-dev and "
        "configure with GANYMEDE_ONEDNN=ON");
  if (!GANYMEDE_HAS_DICOM)
    lines.emplace_back(
        "DICOM: not in this build; install libgdcm-dev and configure with GANYMEDE_DICOM=ON");
  return lines;
}

int examine() {
  fmt::print("devices\n  cpu     {}, {} threads, {:.1f} GiB\n", processor(), omp_get_max_threads(),
             study::main_memory_bytes() / gib);
  print_cuda_devices();
  fmt::print("versions\n");
  for (const Version& version : versions())
    fmt::print("  {:<9} {}\n", version.name, version.version);
  const auto space = std::filesystem::space(".");
  fmt::print("disk\n  {:.1f} GiB free here\n", double(space.available) / gib);
  const std::vector<std::string> lines = missing();
  fmt::print("missing\n");
  for (const std::string& line : lines) fmt::print("  {}\n", line);
  if (lines.empty()) fmt::print("  nothing\n");
  return 0;
}

}  // namespace

void add_doctor(CommandLine& program) {
  CommandLine& verb = program.verb("doctor", "Devices, libraries and versions, and what is missing",
                                   "ganymede doctor");
  verb.action(examine);
}

}  // namespace ganymede
