#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ganymede {

enum class DeviceKind : std::uint8_t { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int index = 0;
  friend bool operator==(const Device&, const Device&) = default;
};

inline constexpr Device cpu_device{};
constexpr Device cuda_device(int index = 0) { return {DeviceKind::cuda, index}; }

/// "cpu", "cuda:0".
std::string to_string(Device device);

/// Number of usable CUDA devices; 0 where the build or the machine has none.
int cuda_device_count();

/// Why there is no CUDA device, in words for a person; empty where there is one.
std::string why_no_cuda_device();

/// Precision of the products inside gemm and conv; sums are always f32. The CPU device rounds its
/// operands in tf32 and bf16, so that a mode can be tried anywhere.
enum class MathMode : std::uint8_t { fp32, tf32, bf16 };
/// What a new stream has: fp32 on the CPU, tf32 on CUDA.
MathMode default_math_mode(Device device);

/// Whose kernels do conv and gemm: this library's own choice, or behind the same contract those of
/// a vendor's libraries alone, to compare with. On CUDA these are cuDNN and cuBLAS (build option
/// GANYMEDE_VENDOR), on the CPU oneDNN (GANYMEDE_ONEDNN), which the own choice takes where it has
/// nothing faster; what oneDNN has but its reference loop for stays with the own register tiles.
enum class KernelSource : std::uint8_t { own, vendor };

/// "own", "vendor".
const char* to_string(KernelSource source);

/// Why no stream of this kind of device can take the vendor's kernels, in words for a person; empty
/// where it can.
std::string why_no_vendor_kernels(DeviceKind kind);

/// An ordered queue of work on one device. CPU work runs at once; CUDA work runs when the device
/// gets to it. Movable, not copyable. Not thread-safe: one thread at a time uses a stream.
class Stream {
 public:
  /// Throws DeviceError where the device does not exist.
  explicit Stream(Device device);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;

  /// A stream of its own on the same device, with the same kernels, precision and table of plans.
  Stream another() const;

  Device device() const { return device_; }
  void* native() const { return native_; }  ///< cudaStream_t; null on the CPU
  std::uint64_t id() const { return id_; }  ///< unique in the process, never reused
  MathMode math_mode() const { return mode_; }
  void set_math_mode(MathMode mode) { mode_ = mode; }
  KernelSource kernels() const { return source_; }
  /// Throws SettingError for `vendor` in a build without it, DeviceError where this machine lacks
  /// one of its libraries.
  void set_kernels(KernelSource source);

  /// Waits until all queued work is done. Throws UsageError while capturing.
  void synchronize();
  bool capturing() const { return capturing_; }

 private:
  friend class Graph;
  Device device_;
  void* native_ = nullptr;
  std::uint64_t id_ = 0;
  MathMode mode_ = MathMode::fp32;
  KernelSource source_ = KernelSource::own;
  bool capturing_ = false;
};

/// A point in a stream that another stream, or the host, can wait for.
class Event {
 public:
  explicit Event(Device device);
  ~Event();
  Event(Event&&) noexcept;
  Event& operator=(Event&&) noexcept;

  void record(Stream& stream);
  /// Work queued on `stream` from now on starts after the recorded point.
  void wait(Stream& stream);
  bool finished() const;
  void synchronize();

 private:
  Device device_;
  void* native_ = nullptr;
};

/// The stream that operations of this thread use. A thread starts with a CPU stream of its own.
Stream& current_stream();

/// Makes `stream` the thread's current stream for the scope's life.
class StreamScope {
 public:
  explicit StreamScope(Stream& stream);
  ~StreamScope();
  StreamScope(const StreamScope&) = delete;
  StreamScope& operator=(const StreamScope&) = delete;

 private:
  Stream* before_;
};

/// A recorded sequence of device work (a CUDA graph). CUDA streams only.
class Graph {
 public:
  Graph() = default;
  ~Graph();
  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;

  /// From here to `end`, work on the stream is recorded, not run. Thread-local capture mode.
  static void begin(Stream& stream);
  static Graph end(Stream& stream);
  /// Ends a capture that failed and drops what it recorded.
  static void abandon(Stream& stream) noexcept;

  void launch(Stream& stream) const;
  explicit operator bool() const { return native_ != nullptr; }

 private:
  void* native_ = nullptr;
};

}  // namespace ganymede
