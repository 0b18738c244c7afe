#pragma once
// Runs one kernel launch: cluster after cluster of blocks (mostly of one), each lane on a fibre of
// its own as soon as it waits.

#include <cstddef>
#include <functional>
#include <stdexcept>

#include <ganymede/kernels/simt/vector_types.h>

namespace ganymede::simt {

/// A kernel did what no device allows, or what a device would not survive.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct KernelLaunch {
  dim3 grid, block, cluster;  ///< cluster: blocks that run together, {1, 1, 1} without
  std::size_t shared_bytes = 0;
  const void* kernel = nullptr;
  std::function<void()> thread;  ///< the kernel bound to its arguments
};

/// Runs all blocks. Throws Fault naming kernel, block and lanes on divergence, deadlock and misuse.
void run_kernel(const KernelLaunch& launch);

/// "conv2d_forward<128, 64>", without namespaces and arguments; an address where unknown.
const char* kernel_name(const void* kernel);

}  // namespace ganymede::simt
