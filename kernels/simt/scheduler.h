#pragma once
// The lanes of the cluster of blocks that runs now, and whose turn it is. For the emulator's own
// files.

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include <ganymede/kernels/simt/block.h>
#include <ganymede/kernels/simt/device.h>
#include <ganymede/kernels/simt/fibre.h>

namespace ganymede::simt {

enum class LaneState : std::uint8_t {
  ready,
  at_barrier,
  at_cluster_barrier,
  at_warp,
  at_warpgroup,
  done
};

struct AsyncCopy {
  void* to;
  const void* from;
  unsigned bytes, valid_bytes;
  int group;
};

/// A lane's part of a product that its warpgroup has started.
struct WarpgroupProduct {
  float* c;
  std::uint64_t a, b;
  int group;
  bool same_as(const WarpgroupProduct& o) const { return a == o.a && b == o.b && group == o.group; }
};

/// Who copied 16 bytes of shared memory last, and after how many fences for the async proxy.
struct SharedWrite {
  int lane = -1, fences = 0;
};

struct Lane {
  LaneState state = LaneState::ready;
  uint3 index{};
  unsigned rank = 0;  ///< of its block in the cluster
  Fibre* fibre = nullptr;
  unsigned mask = 0;
  WarpOperation* operation = nullptr;
  bool predicate = false;
  int group = 0;
  std::vector<AsyncCopy> copies;
  int proxy_fences = 0, product_group = 0, pending_groups = 0;
  bool registers_fenced = false;
  std::vector<WarpgroupProduct> products;
};

struct Warp {
  unsigned exist = 0, waiting = 0, done = 0;
  WarpSlot slots[32];
};

/// A block of the cluster.
struct Member {
  uint3 index{};
  int done = 0, at_barrier = 0, barrier_count = 0;
  std::vector<SharedWrite> writes;  ///< by 16 bytes of shared memory
};

class Cluster {
 public:
  void run(const KernelLaunch& launch);

  // Called by the running lane.
  void warp_operation(unsigned mask, WarpOperation* operation);
  int barrier(bool predicate);
  void cluster_barrier();
  void warpgroup_wait(int pending_groups);
  void note_write(const void* to);
  void run_lanes_and_leave();

  Lane& self() { return lanes_[current_]; }
  Warp& warp() { return warps_[current_ / 32]; }
  int current() const { return current_; }
  const KernelLaunch& launch() const { return *launch_; }
  unsigned rank() const { return lanes_[current_].rank; }
  unsigned size() const { return static_cast<unsigned>(members_.size()); }
  /// Whether all threads of a block have ended.
  bool has_left(unsigned rank) const {
    return members_[rank].done == static_cast<int>(lanes_.size() / members_.size());
  }
  std::string place() const;

 private:
  void run_cluster(std::uint64_t number);
  void reset_lanes();
  void reclaim_fibres();
  int pick();
  void begin_round();
  void release_barrier(unsigned rank);
  void release_cluster_barrier();
  bool release_any();
  void enter(int lane);
  void wait();
  void finish_warpgroup_products(int first_lane);
  void check_visible(unsigned address) const;
  void read_operand(std::uint64_t descriptor, int rows, float* to) const;
  void finish_lane();
  [[nodiscard]] std::string deadlock() const;

  const KernelLaunch* launch_ = nullptr;
  std::vector<Lane> lanes_;
  std::vector<Warp> warps_;
  std::vector<Member> members_;
  std::vector<int> turns_;
  FibrePool fibres_;
  Fibre main_;
  std::exception_ptr error_;
  int current_ = 0, cursor_ = 0, done_ = 0, at_cluster_barrier_ = 0;
  bool progress_ = false;
};

/// The one cluster that runs.
Cluster& cluster();

}  // namespace ganymede::simt
