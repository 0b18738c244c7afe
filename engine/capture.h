#pragma once

#include <functional>
#include <memory>

#include <ganymede/kernels/memory.h>

namespace ganymede {

/// A step that repeats: the first call runs `body` eagerly in a private pool, the second records a
/// CUDA graph of it, later calls replay the graph. On the CPU every call runs the body. What
/// changes from step to step must live on the device; the body may not read from it. A body that
/// throws while being recorded leaves the stream usable. The stream, and with current_stream() the
/// thread that it belongs to, must outlive the step.
class Captured {
 public:
  Captured(Stream& stream, std::function<void()> body);
  void operator()();
  /// Number of calls that launched the graph: all but the first; none on the CPU.
  std::uint64_t replays() const { return replays_; }

 private:
  void record();
  Stream* stream_;
  std::function<void()> body_;
  std::shared_ptr<Pool> pool_;
  Graph graph_;
  bool warm_ = false;  ///< the body has run to its end once
  std::uint64_t replays_ = 0;
};

}  // namespace ganymede
