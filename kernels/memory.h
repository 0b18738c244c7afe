#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <ganymede/kernels/stream.h>

namespace ganymede {

class Pool;

/// Device memory with an owner: returns to its pool when destroyed. The memory belongs to the
/// stream it was allocated on: reuse follows that stream's order and costs no synchronisation.
class Block {
 public:
  Block() = default;
  ~Block();
  Block(Block&&) noexcept;
  Block& operator=(Block&&) noexcept;

  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }  ///< as asked for; the size class may be larger
  Device device() const { return device_; }
  explicit operator bool() const { return data_ != nullptr; }

  /// Another stream reads or writes this block: it is not reused before that stream's work so far
  /// is done. `Tensor` calls it wherever its memory is taken. What forgetting it does is planted in
  /// test/emulator/time.cpp ("use on another stream after release is found").
  void used_on(Stream& stream);

 private:
  friend class Pool;
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
  Device device_{};
  struct Slot;
  Slot* slot_ = nullptr;
  std::shared_ptr<Pool> pool_;
};

struct PoolStats {
  std::uint64_t device_allocations = 0;  ///< calls to the system allocator so far
  std::size_t bytes_reserved = 0;        ///< held from the system
  std::size_t bytes_in_use = 0;          ///< handed out
  std::size_t peak_bytes_in_use = 0;
};

/// Size-classed, stream-ordered cache of device memory. Classes are four steps to a power of two.
/// Thread-safe.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  explicit Pool(Device device);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Memory is 64-byte aligned (256 on CUDA) and uninitialised. Zero bytes give a valid block.
  /// Throws DeviceError when the device is out of memory, after the cache was emptied once.
  Block allocate(Stream& stream, std::size_t bytes);
  PoolStats stats() const;
  Device device() const;
  /// Gives unused memory back to the system.
  void trim();

  /// The pool that `allocate(stream, ...)` below uses for this device.
  static std::shared_ptr<Pool> of(Device device);

 private:
  friend class Block;
  struct State;
  std::unique_ptr<State> state_;
};

/// A block from the current pool of the stream's device.
Block allocate(Stream& stream, std::size_t bytes);

/// Makes `pool` the current one of this thread and of the pool's device (a captured graph's private
/// pool, whose blocks keep their addresses as long as the graph lives).
class PoolScope {
 public:
  explicit PoolScope(std::shared_ptr<Pool> pool);
  ~PoolScope();
  PoolScope(const PoolScope&) = delete;
  PoolScope& operator=(const PoolScope&) = delete;

  /// Whether this thread is in such a scope for the device.
  static bool active(Device device);

 private:
  std::shared_ptr<Pool> before_;
  Device device_;
};

/// To the device, in the stream's order; the host's buffer may change or go away at once. Up to
/// 16 KiB go through pinned memory and wait for nothing, more wait until the copy is done.
void upload(Stream& stream, void* device, const void* host, std::size_t bytes);

/// Copies between host and device or within one, in the stream's order. A host buffer must stay
/// alive until the stream has done the copy; `Tensor` keeps that promise for its callers.
void copy_to_device(Stream& stream, void* device, const void* host, std::size_t bytes);
void copy_to_host(Stream& stream, void* host, const void* device, std::size_t bytes);
void copy_within(Stream& stream, void* to, const void* from, std::size_t bytes);
void fill_zero(Stream& stream, void* device, std::size_t bytes);

}  // namespace ganymede
