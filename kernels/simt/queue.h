#pragma once
// Streams as queues of work that has not happened yet. Nothing runs until the host must know; then
// unordered streams take turns until what was asked for is done.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <cuda_runtime.h>

/// A capture: what was recorded, in order.
struct CUgraph_st {
  std::vector<std::function<void()>> nodes;
  std::thread::id thread;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::uint64_t number = 0;  ///< never reused, as addresses are
  bool invalid = false;
};

struct CUgraphExec_st {
  std::shared_ptr<const std::vector<std::function<void()>>> nodes;
};

struct CUevent_st {
  std::shared_ptr<bool> reached = std::make_shared<bool>(true);  ///< of the latest record
  std::uint64_t capture = 0;  ///< number of the capture that the latest record was part of
};

struct CUstream_st {
  struct Operation {
    std::function<void()> work;       ///< empty for a wait
    std::shared_ptr<bool> waits_for;  ///< empty for work
    std::uint64_t issued = 0;
  };
  std::deque<Operation> queue;
  CUgraph_st* capture = nullptr;
  bool destroyed = false;  ///< by the host; its queue still runs

  bool runnable() const {
    return !queue.empty() && (!queue.front().waits_for || *queue.front().waits_for);
  }
};

namespace ganymede::simt {

class Queues {
 public:
  /// Queues work, or records it where the stream is captured.
  void push(cudaStream_t stream, std::function<void()> work);
  void push_wait(cudaStream_t stream, std::shared_ptr<bool> reached);

  /// Runs one operation of some stream; false where none can run.
  bool step();
  /// Runs until `done()`; throws Fault where nothing can run before that.
  template <class Done>
  void run_until(Done done) {
    while (!done()) {
      if (!step()) stuck();
    }
  }
  void run_all();
  std::size_t pending() const;

  CUstream_st* add();
  bool knows(cudaStream_t stream) const;

 private:
  [[noreturn]] static void stuck();
  CUstream_st* choose();
  void forget_destroyed();

  std::vector<std::unique_ptr<CUstream_st>> streams_;
  std::uint64_t issued_ = 0;
};

Queues& queues();

/// Held by every call of the API: kernels run under it, one at a time.
std::recursive_mutex& emulator_lock();

/// Remembers what a person should read beside the code, for cudaGetErrorString.
cudaError_t fail(cudaError_t code, std::string detail);

/// Runs `body` under the lock and turns what it throws into an error code.
template <class Body>
cudaError_t guarded(Body body) {
  const std::scoped_lock lock(emulator_lock());
  try {
    return body();
  } catch (const std::exception& fault) {
    return fail(cudaErrorLaunchFailure, fault.what());
  }
}

/// An error where this thread must not make calls that would break a capture.
cudaError_t check_not_capturing(const char* call);

}  // namespace ganymede::simt
