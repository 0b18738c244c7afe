#pragma once
// What tests ask of the emulator: the order of lanes, blocks and streams, dry runs and counts.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace ganymede::simt {

/// In which order lanes of a block, blocks of a grid and unordered streams take their turns:
/// forward is the order of their numbers (of issue, for streams), reverse the opposite, shuffled
/// draws anew each time. A correct program cannot tell them apart.
enum class LaneOrder : std::uint8_t { forward, reverse, shuffled };

/// Applies to everything executed from now on. `seed` fixes the draws of the shuffled order.
void set_lane_order(LaneOrder order, std::uint64_t seed = 1);
LaneOrder lane_order();

/// An order for the scope's life; forward again behind it.
class OrderScope {
 public:
  explicit OrderScope(LaneOrder order, std::uint64_t seed = 1) { set_lane_order(order, seed); }
  ~OrderScope() { set_lane_order(LaneOrder::forward); }
  OrderScope(const OrderScope&) = delete;
  OrderScope& operator=(const OrderScope&) = delete;
};

/// Kernels are counted, not run; copies and fills still happen.
void set_dry_run(bool on);

struct LaunchCounts {
  std::uint64_t kernels = 0;                     ///< launched or recorded in a capture
  std::uint64_t graphs = 0;                      ///< replays of captured graphs
  std::map<std::string, std::uint64_t> by_name;  ///< kernels by name, without arguments
};
LaunchCounts launch_counts();
void reset_launch_counts();

/// Device memory of the emulated device; allocations beyond it fail as on a full device.
void set_memory_limit(std::size_t bytes);

/// What streams made from now on are told of the device. One at start: planners then take the large
/// tiles on problems small enough to emulate.
void set_multiprocessors(int count);

/// Shared memory of a block, at most and at start 227 KiB; smaller cards have 99.
void set_shared_memory(std::size_t bytes);

/// Percent of a multiprocessor's shared memory that kernels asked for, by name.
std::map<std::string, int> carveouts();

/// Calls of cudaMalloc so far, whoever made them.
std::uint64_t device_allocations();

/// Work that is queued and has not run yet, over all streams.
std::size_t pending_operations();

}  // namespace ganymede::simt
