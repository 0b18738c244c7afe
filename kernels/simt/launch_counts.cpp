#include <ganymede/kernels/simt/launch_counts.h>

#include <mutex>
#include <unordered_map>

#include <ganymede/kernels/simt/block.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/simt/queue.h>

namespace ganymede::simt {
namespace {

struct Counts {
  std::unordered_map<const void*, std::uint64_t> kernels;
  std::uint64_t graphs = 0;
};

Counts& counts() {
  static auto& only = *new Counts;
  return only;
}

}  // namespace

void count_kernel(const void* kernel) { ++counts().kernels[kernel]; }
void count_graph() { ++counts().graphs; }

LaunchCounts launch_counts() {
  const std::scoped_lock lock(emulator_lock());
  LaunchCounts result;
  result.graphs = counts().graphs;
  for (const auto& [kernel, count] : counts().kernels) {
    result.kernels += count;
    result.by_name[kernel_name(kernel)] += count;
  }
  return result;
}

void reset_launch_counts() {
  const std::scoped_lock lock(emulator_lock());
  counts() = {};
}

}  // namespace ganymede::simt
