#pragma once
// What outlives a Stream object: the pool must know whether the stream whose memory it holds is
// being captured or gone. CUDA streams only; internal to this floor.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/staging.h>
#include <ganymede/kernels/stream.h>

namespace ganymede::kernels {

struct StreamState;

/// A captured graph and the memory that its replays may touch.
struct CapturedGraph {
  ~CapturedGraph();
  void* executable = nullptr;
  std::shared_ptr<StreamState> replayed_on;  ///< the stream of the latest launch
  /// Called with `replayed_on` when no replay can follow any more.
  std::vector<std::function<void(const std::shared_ptr<StreamState>&)>> releases;
};

struct StreamState {
  explicit StreamState(Device d) : device(d), staging(d.index) {}

  std::mutex mutex;
  Device device;
  std::uint64_t id = 0;
  void* native = nullptr;                  ///< null once the stream is destroyed
  std::shared_ptr<void> end;               ///< event after all its work, once it is destroyed
  std::shared_ptr<CapturedGraph> capture;  ///< while it is being captured
  Hardware hardware;
  std::size_t shared_memory = 0;  ///< bytes that a block can have
  /// Bytes that the blocks of a multiprocessor have together, and that the system takes of each.
  std::size_t shared_memory_of_all = 0, reserved_shared_memory = 0;
  std::shared_ptr<const KernelTable> table;  ///< null: plans by the model
  Staging staging;                           ///< used by the stream's thread alone
};

/// Null for a CPU stream.
std::shared_ptr<StreamState> state_of(const Stream& stream);
std::shared_ptr<StreamState> register_stream(Device device, std::uint64_t id, void* native);
void retire_stream(std::uint64_t id) noexcept;

/// An event recorded now behind the stream's work; its end where the stream is gone. The caller
/// holds the state's mutex and knows that it is not being captured.
std::shared_ptr<void> mark(StreamState& state);

}  // namespace ganymede::kernels
