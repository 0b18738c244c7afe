// The lanes of one cluster of blocks take turns. A lane runs until it waits (barrier, warp
// operation) or ends; then the next ready one continues. Lanes that never wait share one fibre, so
// that a kernel without barriers costs one switch per block.

#include <algorithm>

#include <fmt/core.h>

#include <ganymede/kernels/simt/order.h>
#include <ganymede/kernels/simt/scheduler.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {

Cluster& cluster() {
  static auto& only = *new Cluster;
  return only;
}

std::string Cluster::place() const {
  const uint3 t = lanes_[current_].index;
  return fmt::format("kernel {}, block ({}, {}, {}), thread ({}, {}, {})",
                     kernel_name(launch_->kernel), blockIdx.x, blockIdx.y, blockIdx.z, t.x, t.y,
                     t.z);
}

// ---- turns ------------------------------------------------------------------------------------

void Cluster::begin_round() {
  turns().arrange(turns_);
  cursor_ = 0;
  progress_ = false;
}

void Cluster::release_barrier(unsigned rank) {
  Member& member = members_[rank];
  member.at_barrier = member.barrier_count = 0;
  for (Lane& lane : lanes_) {
    if (lane.rank != rank || lane.state != LaneState::at_barrier) continue;
    member.barrier_count += lane.predicate;
    lane.state = LaneState::ready;
  }
}

void Cluster::release_cluster_barrier() {
  for (Lane& lane : lanes_)
    if (lane.state == LaneState::at_cluster_barrier) lane.state = LaneState::ready;
  at_cluster_barrier_ = 0;
}

// Lanes that have left count as arrived, at either barrier.
bool Cluster::release_any() {
  const int n = static_cast<int>(lanes_.size()), each = n / static_cast<int>(members_.size());
  bool any = false;
  for (unsigned rank = 0; rank < size(); ++rank) {
    const Member& member = members_[rank];
    if (member.at_barrier == 0 || member.at_barrier + member.done < each) continue;
    release_barrier(rank);
    any = true;
  }
  if (at_cluster_barrier_ > 0 && at_cluster_barrier_ + done_ == n) {
    release_cluster_barrier();
    any = true;
  }
  return any;
}

// The next lane to run, or -1 when the cluster has ended or cannot go on.
int Cluster::pick() {
  const int n = static_cast<int>(lanes_.size());
  for (;;) {
    for (; cursor_ < n; ++cursor_) {
      const int lane = turns_[cursor_];
      if (lanes_[lane].state != LaneState::ready) continue;
      ++cursor_;
      progress_ = true;
      return lane;
    }
    if (done_ == n) return -1;
    if (!release_any() && !progress_) {
      error_ = std::make_exception_ptr(Fault(deadlock()));
      return -1;
    }
    begin_round();
  }
}

void Cluster::enter(int lane) {
  current_ = lane;
  threadIdx = lanes_[lane].index;
  blockIdx = members_[lanes_[lane].rank].index;
}

// The running lane has set what it waits for: others go on until it is ready again.
void Cluster::wait() {
  Fibre& mine = *self().fibre;
  const int before = current_, next = pick();
  if (next == before) return;
  if (next < 0) return jump(mine, main_);
  enter(next);
  if (lanes_[next].fibre == nullptr) lanes_[next].fibre = fibres_.take();
  jump(mine, *lanes_[next].fibre);
}

void Cluster::finish_lane() {
  Lane& lane = self();
  lane.state = LaneState::done;
  lane.fibre = nullptr;
  warp().done |= 1u << current_ % 32;
  ++members_[lane.rank].done;
  ++done_;
}

// What a fibre does: lanes that have not started, one after another, until the next turn belongs to
// a lane that waits on another fibre.
void Cluster::run_lanes_and_leave() {
  Fibre* mine = self().fibre;
  for (;;) {
    try {
      launch_->thread();
    } catch (...) {
      error_ = std::current_exception();
    }
    finish_lane();
    const int next = error_ ? -1 : pick();
    if (next >= 0) enter(next);
    if (next < 0 || self().fibre != nullptr) {
      fibres_.give_back(mine);
      return leave(*mine, next < 0 ? main_ : *self().fibre);
    }
    self().fibre = mine;
  }
}

// ---- waiting ----------------------------------------------------------------------------------

int Cluster::barrier(bool predicate) {
  Lane& lane = self();
  lane.predicate = predicate;
  lane.state = LaneState::at_barrier;
  Member& member = members_[lane.rank];
  ++member.at_barrier;
  if (member.at_barrier + member.done == static_cast<int>(lanes_.size() / members_.size())) {
    release_barrier(lane.rank);
  } else {
    wait();
  }
  return member.barrier_count;
}

void Cluster::cluster_barrier() {
  self().state = LaneState::at_cluster_barrier;
  ++at_cluster_barrier_;
  if (at_cluster_barrier_ + done_ == static_cast<int>(lanes_.size())) {
    release_cluster_barrier();
  } else {
    wait();
  }
}

std::string Cluster::deadlock() const {
  int at_barrier = 0;
  for (const Member& member : members_) at_barrier += member.at_barrier;
  std::string text = fmt::format(
      "kernel {}, block ({}, {}, {}): deadlock: {} lanes wait at "
      "__syncthreads, {} have left",
      kernel_name(launch_->kernel), blockIdx.x, blockIdx.y, blockIdx.z, at_barrier, done_);
  if (at_cluster_barrier_ > 0)
    text += fmt::format("; {} wait at the cluster's barrier", at_cluster_barrier_);
  const auto at_warpgroup = std::count_if(lanes_.begin(), lanes_.end(), [](const Lane& lane) {
    return lane.state == LaneState::at_warpgroup;
  });
  if (at_warpgroup > 0)
    text += fmt::format("; {} wait for others of their warpgroup", at_warpgroup);
  for (std::size_t w = 0; w < warps_.size(); ++w) {
    if (warps_[w].waiting == 0) continue;
    const int lane = __builtin_ctz(warps_[w].waiting);
    text += fmt::format(
        "; divergent warp operation: in warp {} lanes {:#010x} wait with mask "
        "{:#010x} for lanes that never arrive",
        w, warps_[w].waiting, lanes_[w * 32 + lane].mask);
  }
  return text;
}

// ---- blocks and clusters ----------------------------------------------------------------------

// In a cluster of several blocks each has whole warps (checked at the launch).
void Cluster::reset_lanes() {
  const dim3 size = launch_->block, blocks = launch_->cluster;
  const unsigned each = size.x * size.y * size.z;
  members_.resize(blocks.x * blocks.y * blocks.z);
  const unsigned n = each * static_cast<unsigned>(members_.size());
  lanes_.resize(n);
  warps_.resize((n + 31) / 32);
  turns_.resize(n);
  for (unsigned i = 0; i < n; ++i) {
    const unsigned thread = i % each;
    lanes_[i].index = {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
    lanes_[i].rank = i / each;
    turns_[i] = static_cast<int>(i);
  }
  for (unsigned w = 0; w < warps_.size(); ++w) {
    warps_[w].exist = n - w * 32 >= 32 ? ~0u : (1u << (n - w * 32)) - 1;
  }
}

void Cluster::reclaim_fibres() {
  for (Lane& lane : lanes_) {
    if (lane.fibre != nullptr) fibres_.give_back_abandoned(lane.fibre);
    lane.fibre = nullptr;
  }
}

void Cluster::run_cluster(std::uint64_t number) {
  const dim3 size = launch_->cluster;
  const unsigned wide = gridDim.x / size.x, high = gridDim.y / size.y;
  const uint3 first{static_cast<unsigned>(number % wide) * size.x,
                    static_cast<unsigned>(number / wide % high) * size.y,
                    static_cast<unsigned>(number / wide / high) * size.z};
  for (unsigned rank = 0; rank < members_.size(); ++rank) {
    members_[rank] = {};
    members_[rank].index = {first.x + rank % size.x, first.y + rank / size.x % size.y,
                            first.z + rank / size.x / size.y};
    members_[rank].writes.assign((launch_->shared_bytes + 15) / 16, {});
    poison_shared_memory(rank, launch_->shared_bytes);
  }
  for (Lane& lane : lanes_) {
    lane.state = LaneState::ready;
    lane.group = 0;
    lane.copies.clear();
    lane.proxy_fences = lane.product_group = 0;
    lane.registers_fenced = false;
    lane.products.clear();
  }
  for (Warp& w : warps_) w.waiting = w.done = 0;
  done_ = at_cluster_barrier_ = 0;
  error_ = nullptr;
  begin_round();
  enter(pick());
  self().fibre = fibres_.take();
  jump(main_, *self().fibre);
  if (!error_) return;
  reclaim_fibres();
  std::rethrow_exception(error_);
}

void Cluster::run(const KernelLaunch& launch) {
  launch_ = &launch;
  gridDim = launch.grid;
  blockDim = launch.block;
  reset_lanes();
  const std::uint64_t clusters =
      static_cast<std::uint64_t>(launch.grid.x) * launch.grid.y * launch.grid.z / members_.size();
  const BlockWalk walk(clusters);
  for (std::uint64_t i = 0; i < clusters; ++i) run_cluster(walk[i]);
}

Turns& turns() {
  static Turns only;
  return only;
}

void run_kernel(const KernelLaunch& launch) { cluster().run(launch); }
void fibre_main() { cluster().run_lanes_and_leave(); }

// ---- what device code calls -------------------------------------------------------------------

int block_barrier(bool predicate) { return cluster().barrier(predicate); }
void cluster_barrier() { cluster().cluster_barrier(); }
unsigned rank_in_cluster() { return cluster().rank(); }
void trap() { throw Fault(cluster().place() + ": __trap"); }

void* shared_memory(std::size_t bytes) {
  const std::size_t given = cluster().launch().shared_bytes;
  if (bytes > given) {
    throw Fault(fmt::format("{}: its struct Shared has {} bytes, the launch gave {}",
                            cluster().place(), bytes, given));
  }
  return shared_memory_buffer(cluster().rank());
}

const void* shared_memory_of(unsigned rank, const void* mine) {
  if (rank >= cluster().size()) {
    throw Fault(fmt::format("{}: shared memory of block {} of a cluster of {}", cluster().place(),
                            rank, cluster().size()));
  }
  if (cluster().has_left(rank)) {
    throw Fault(fmt::format("{}: shared memory of block {} of its cluster, which has left",
                            cluster().place(), rank));
  }
  const auto* own = static_cast<const std::byte*>(shared_memory_buffer(cluster().rank()));
  return static_cast<const std::byte*>(shared_memory_buffer(rank)) +
         (static_cast<const std::byte*>(mine) - own);
}

}  // namespace ganymede::simt
