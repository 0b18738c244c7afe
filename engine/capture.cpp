#include <ganymede/engine/capture.h>

#include <utility>

namespace ganymede {

Captured::Captured(Stream& stream, std::function<void()> body)
    : stream_(&stream), body_(std::move(body)), pool_(std::make_shared<Pool>(stream.device())) {}

void Captured::operator()() {
  const StreamScope on(*stream_);
  if (stream_->device().kind == DeviceKind::cpu) return body_();
  if (!warm_) {
    // Warm-up is iteration 1: it fills the pool, so that recording allocates nothing.
    const PoolScope in(pool_);
    body_();
    warm_ = true;
    return;
  }
  if (!graph_) record();
  graph_.launch(*stream_);
  ++replays_;
}

void Captured::record() {
  const PoolScope in(pool_);
  Graph::begin(*stream_);
  try {
    body_();
  } catch (...) {
    Graph::abandon(*stream_);
    throw;
  }
  graph_ = Graph::end(*stream_);
}

}  // namespace ganymede
