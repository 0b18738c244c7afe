#include <ganymede/kernels/simt/queue.h>

#include <algorithm>

#include <ganymede/kernels/simt/block.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/simt/order.h>

namespace ganymede::simt {

// Never destroyed: other statics may still release streams and memory at exit.
Queues& queues() {
  static auto& only = *new Queues;
  return only;
}

std::recursive_mutex& emulator_lock() {
  static auto& only = *new std::recursive_mutex;
  return only;
}

CUstream_st* Queues::add() {
  streams_.push_back(std::make_unique<CUstream_st>());
  return streams_.back().get();
}

bool Queues::knows(cudaStream_t stream) const {
  return std::any_of(streams_.begin(), streams_.end(), [stream](const auto& known) {
    return known.get() == stream && !known->destroyed;
  });
}

void Queues::push(cudaStream_t stream, std::function<void()> work) {
  if (stream->capture != nullptr) {
    stream->capture->nodes.push_back(std::move(work));
  } else {
    stream->queue.push_back({std::move(work), nullptr, issued_++});
  }
}

void Queues::push_wait(cudaStream_t stream, std::shared_ptr<bool> reached) {
  stream->queue.push_back({{}, std::move(reached), issued_++});
}

// Whose head runs next: the oldest, the youngest, or any of those that can.
CUstream_st* Queues::choose() {
  std::vector<CUstream_st*> able;
  for (const auto& stream : streams_) {
    if (stream->runnable()) able.push_back(stream.get());
  }
  if (able.empty()) return nullptr;
  if (turns().order == LaneOrder::shuffled) return able[turns().below(able.size())];
  const auto by_issue = [](const CUstream_st* a, const CUstream_st* b) {
    return a->queue.front().issued < b->queue.front().issued;
  };
  const bool oldest = turns().order == LaneOrder::forward;
  return oldest ? *std::min_element(able.begin(), able.end(), by_issue)
                : *std::max_element(able.begin(), able.end(), by_issue);
}

bool Queues::step() {
  CUstream_st* stream = choose();
  if (stream == nullptr) return false;
  const CUstream_st::Operation operation = std::move(stream->queue.front());
  stream->queue.pop_front();
  if (operation.work) operation.work();
  forget_destroyed();
  return true;
}

void Queues::run_all() {
  run_until([this] { return pending() == 0; });
}

std::size_t Queues::pending() const {
  std::size_t count = 0;
  for (const auto& stream : streams_) count += stream->queue.size();
  return count;
}

void Queues::forget_destroyed() {
  std::erase_if(streams_, [](const auto& s) { return s->destroyed && s->queue.empty(); });
}

void Queues::stuck() {
  throw Fault("every stream waits for an event that nothing queued will record");
}

void set_lane_order(LaneOrder order, std::uint64_t seed) {
  const std::scoped_lock lock(emulator_lock());
  turns().order = order;
  turns().seed(seed);
}

LaneOrder lane_order() { return turns().order; }

std::size_t pending_operations() {
  const std::scoped_lock lock(emulator_lock());
  return queues().pending();
}

}  // namespace ganymede::simt
