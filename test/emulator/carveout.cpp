// What kernels ask of a multiprocessor's memory.
#include <catch2/catch.hpp>

#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/stream.h>

#include <test/emulator/device_array.h>

using namespace ganymede;
using namespace ganymede::test;

TEST_CASE("what a kernel's blocks leave of shared memory is asked for as first-level cache") {
  if (!sanitized) return;  // names are known there
  Stream stream(cuda_device());
  stream.set_math_mode(MathMode::fp32);  // modes of a tensor-core kernel share a name here
  const DeviceArray memory(stream, 1 << 14);
  float* p = memory.data();
  simt::set_dry_run(true);
  kernels::gemm(stream, {256, 256, 64}, p, p, p, {});
  simt::set_dry_run(false);
  int found = 0;
  for (const auto& [kernel, percent] : simt::carveouts()) {
    if (kernel.find(" multiply<") == std::string::npos && !kernel.starts_with("multiply<"))
      continue;
    if (kernel.find("Tile<128, 128>") == std::string::npos) continue;
    if (kernel.find("GemmProblem<false, false, true>") == std::string::npos) continue;
    ++found;
    CHECK(percent == 61);  // eight blocks of 16.5 KiB and what the system takes of each, of 228
  }
  CHECK(found == 1);
}
