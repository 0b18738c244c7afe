// The lanes of one block take turns. A lane runs until it waits (barrier, warp operation) or ends;
// then the next ready one continues. Lanes that never wait share one fibre, so that a kernel
// without barriers costs one switch per block.

#include <algorithm>

#include <fmt/core.h>

#include <ganymede/kernels/simt/order.h>
#include <ganymede/kernels/simt/scheduler.h>
#include <ganymede/kernels/simt/shared_memory.h>

namespace ganymede::simt {

Block& block() {
  static auto& only = *new Block;
  return only;
}

std::string Block::place() const {
  const uint3 t = lanes_[current_].index;
  return fmt::format("kernel {}, block ({}, {}, {}), thread ({}, {}, {})",
                     kernel_name(launch_->kernel), blockIdx.x, blockIdx.y, blockIdx.z, t.x, t.y,
                     t.z);
}

// ---- turns ------------------------------------------------------------------------------------

void Block::begin_round() {
  turns().arrange(turns_);
  cursor_ = 0;
  progress_ = false;
}

void Block::release_barrier() {
  barrier_count_ = 0;
  for (Lane& lane : lanes_) {
    if (lane.state != LaneState::at_barrier) continue;
    barrier_count_ += lane.predicate;
    lane.state = LaneState::ready;
  }
  at_barrier_ = 0;
}

// The next lane to run, or -1 when the block has ended or cannot go on.
int Block::pick() {
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
    if (at_barrier_ > 0 && at_barrier_ + done_ == n) {
      release_barrier();
    } else if (!progress_) {
      error_ = std::make_exception_ptr(Fault(deadlock()));
      return -1;
    }
    begin_round();
  }
}

void Block::enter(int lane) {
  current_ = lane;
  threadIdx = lanes_[lane].index;
}

// The running lane has set what it waits for: others go on until it is ready again.
void Block::wait() {
  Fibre& mine = *self().fibre;
  const int before = current_, next = pick();
  if (next == before) return;
  if (next < 0) return jump(mine, main_);
  enter(next);
  if (lanes_[next].fibre == nullptr) lanes_[next].fibre = fibres_.take();
  jump(mine, *lanes_[next].fibre);
}

void Block::finish_lane() {
  Lane& lane = self();
  lane.state = LaneState::done;
  lane.fibre = nullptr;
  warp().done |= 1u << current_ % 32;
  ++done_;
}

// What a fibre does: lanes that have not started, one after another, until the next turn belongs to
// a lane that waits on another fibre.
void Block::run_lanes_and_leave() {
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

int Block::barrier(bool predicate) {
  Lane& lane = self();
  lane.predicate = predicate;
  lane.state = LaneState::at_barrier;
  ++at_barrier_;
  if (at_barrier_ + done_ == static_cast<int>(lanes_.size())) {
    release_barrier();
  } else {
    wait();
  }
  return barrier_count_;
}

std::string Block::deadlock() const {
  std::string text = fmt::format(
      "kernel {}, block ({}, {}, {}): deadlock: {} lanes wait at "
      "__syncthreads, {} have left",
      kernel_name(launch_->kernel), blockIdx.x, blockIdx.y, blockIdx.z, at_barrier_, done_);
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

// ---- blocks -----------------------------------------------------------------------------------

void Block::reset_lanes() {
  const dim3 size = launch_->block;
  const unsigned n = size.x * size.y * size.z;
  lanes_.resize(n);
  warps_.resize((n + 31) / 32);
  turns_.resize(n);
  for (unsigned i = 0; i < n; ++i) {
    lanes_[i].index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
    turns_[i] = static_cast<int>(i);
  }
  for (unsigned w = 0; w < warps_.size(); ++w) {
    warps_[w].exist = n - w * 32 >= 32 ? ~0u : (1u << (n - w * 32)) - 1;
  }
}

void Block::reclaim_fibres() {
  for (Lane& lane : lanes_) {
    if (lane.fibre != nullptr) fibres_.give_back_abandoned(lane.fibre);
    lane.fibre = nullptr;
  }
}

void Block::run_block(std::uint64_t number) {
  blockIdx = {static_cast<unsigned>(number % gridDim.x),
              static_cast<unsigned>(number / gridDim.x % gridDim.y),
              static_cast<unsigned>(number / gridDim.x / gridDim.y)};
  for (Lane& lane : lanes_) {
    lane.state = LaneState::ready;
    lane.group = 0;
    lane.copies.clear();
    lane.proxy_fences = lane.product_group = 0;
    lane.registers_fenced = false;
    lane.products.clear();
  }
  writes_.assign((launch_->shared_bytes + 15) / 16, {});
  for (Warp& w : warps_) w.waiting = w.done = 0;
  done_ = at_barrier_ = 0;
  error_ = nullptr;
  poison_shared_memory(launch_->shared_bytes);
  begin_round();
  enter(pick());
  self().fibre = fibres_.take();
  jump(main_, *self().fibre);
  if (!error_) return;
  reclaim_fibres();
  std::rethrow_exception(error_);
}

void Block::run(const KernelLaunch& launch) {
  launch_ = &launch;
  gridDim = launch.grid;
  blockDim = launch.block;
  reset_lanes();
  const std::uint64_t blocks =
      static_cast<std::uint64_t>(launch.grid.x) * launch.grid.y * launch.grid.z;
  const BlockWalk walk(blocks);
  for (std::uint64_t i = 0; i < blocks; ++i) run_block(walk[i]);
}

Turns& turns() {
  static Turns only;
  return only;
}

void run_kernel(const KernelLaunch& launch) { block().run(launch); }
void fibre_main() { block().run_lanes_and_leave(); }

// ---- what device code calls -------------------------------------------------------------------

int block_barrier(bool predicate) { return block().barrier(predicate); }
void trap() { throw Fault(block().place() + ": __trap"); }

void* shared_memory(std::size_t bytes) {
  const std::size_t given = block().launch().shared_bytes;
  if (bytes > given) {
    throw Fault(fmt::format("{}: its struct Shared has {} bytes, the launch gave {}",
                            block().place(), bytes, given));
  }
  return shared_memory_buffer();
}

}  // namespace ganymede::simt
