#include <ganymede/kernels/stream.h>

#include <atomic>
#include <utility>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/stream_state.h>
#include <ganymede/kernels/vendor/libraries.h>

namespace ganymede {
namespace {

namespace runtime = kernels::cuda::runtime;
using kernels::has_cuda;
using kernels::has_onednn;
using kernels::has_vendor;

void require_device(Device device) {
  const int count = device.kind == DeviceKind::cpu ? 1 : cuda_device_count();
  if (device.index >= 0 && device.index < count) return;
  const std::string name = "device " + to_string(device) + " does not exist";
  if (count > 0) {
    throw DeviceError(name + ": this machine has " + std::to_string(count) + " of its kind");
  }
  throw DeviceError(name + ": " + why_no_cuda_device());
}

}  // namespace

// ---- devices ----------------------------------------------------------------------------------

std::string to_string(Device device) {
  return device.kind == DeviceKind::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

int cuda_device_count() {
  if constexpr (has_cuda) return runtime::device_count();
  return 0;
}

std::string why_no_cuda_device() {
  if constexpr (has_cuda) return runtime::why_no_device();
  return "this build has no CUDA: configure it with GANYMEDE_CUDA=ON";
}

// ---- whose kernels ----------------------------------------------------------------------------

const char* to_string(KernelSource source) {
  return source == KernelSource::vendor ? "vendor" : "own";
}

std::string why_no_vendor_kernels(DeviceKind kind) {
  if (kind == DeviceKind::cpu)
    return has_onednn ? "" : "this build has no oneDNN: configure it with GANYMEDE_ONEDNN=ON";
  if constexpr (has_vendor) {
    try {
      kernels::vendor::open_libraries();
      return {};
    } catch (const DeviceError& e) {
      return e.what();
    }
  }
  return "this build has no cuDNN and cuBLAS: configure it with GANYMEDE_VENDOR=ON";
}

void Stream::set_kernels(KernelSource source) {
  if (source == KernelSource::vendor) {
    const bool cpu = device_.kind == DeviceKind::cpu;
    if (cpu ? !has_onednn : !has_vendor)
      throw SettingError("kernels vendor: " + why_no_vendor_kernels(device_.kind));
    if constexpr (has_vendor) {
      if (!cpu) kernels::vendor::open_libraries();
    }
  }
  source_ = source;
}

MathMode default_math_mode(Device device) {
  return device.kind == DeviceKind::cpu ? MathMode::fp32 : MathMode::tf32;
}

// ---- streams ----------------------------------------------------------------------------------

Stream::Stream(Device device) : device_(device), mode_(default_math_mode(device)) {
  static std::atomic<std::uint64_t> last_id{0};
  require_device(device);
  id_ = ++last_id;
  if (device.kind == DeviceKind::cpu) return;
  if constexpr (has_cuda) {
    native_ = runtime::create_stream(device.index);
    kernels::register_stream(device, id_, native_);
  }
}

Stream::~Stream() {
  if (capturing_) Graph::abandon(*this);
  if (native_ != nullptr) kernels::retire_stream(id_);
}

Stream::Stream(Stream&& other) noexcept
    : device_(other.device_),
      native_(std::exchange(other.native_, nullptr)),
      id_(other.id_),
      mode_(other.mode_),
      source_(other.source_),
      capturing_(std::exchange(other.capturing_, false)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(native_, other.native_);
  std::swap(id_, other.id_);
  std::swap(mode_, other.mode_);
  std::swap(source_, other.source_);
  std::swap(capturing_, other.capturing_);
  return *this;
}

Stream Stream::another() const {
  Stream stream(device_);
  stream.mode_ = mode_;
  stream.source_ = source_;
  kernels::set_kernel_table(stream, kernels::kernel_table(*this));
  return stream;
}

void Stream::synchronize() {
  if (capturing_) {
    throw UsageError("synchronize: the stream is being captured; wait after the capture has ended");
  }
  if constexpr (has_cuda) {
    if (native_ != nullptr) runtime::synchronize(native_);
  }
}

// ---- events -----------------------------------------------------------------------------------

Event::Event(Device device) : device_(device) {
  require_device(device);
  if constexpr (has_cuda) {
    if (device.kind == DeviceKind::cuda) native_ = runtime::create_event(device.index);
  }
}

Event::~Event() {
  if constexpr (has_cuda) {
    if (native_ != nullptr) runtime::destroy_event(native_);
  }
}

Event::Event(Event&& other) noexcept
    : device_(other.device_), native_(std::exchange(other.native_, nullptr)) {}

Event& Event::operator=(Event&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(native_, other.native_);
  return *this;
}

void Event::record(Stream& stream) {
  if (stream.device() != device_) {
    throw UsageError("event: it belongs to " + to_string(device_) + ", the stream to " +
                     to_string(stream.device()));
  }
  if constexpr (has_cuda) {
    if (native_ != nullptr) runtime::record(native_, stream.native());
  }
}

// CPU work runs where it is queued, so there the host itself waits.
void Event::wait(Stream& stream) {
  if constexpr (has_cuda) {
    if (native_ == nullptr) return;
    if (stream.native() == nullptr) return runtime::synchronize_event(native_);
    runtime::wait(stream.native(), native_);
  }
  (void)stream;
}

bool Event::finished() const {
  if constexpr (has_cuda) return native_ == nullptr || runtime::finished(native_);
  return true;
}

void Event::synchronize() {
  if constexpr (has_cuda) {
    if (native_ != nullptr) runtime::synchronize_event(native_);
  }
}

// ---- the current stream -----------------------------------------------------------------------

namespace {

Stream*& current() {
  thread_local Stream own(cpu_device);
  thread_local Stream* stream = &own;
  return stream;
}

}  // namespace

Stream& current_stream() { return *current(); }

StreamScope::StreamScope(Stream& stream) : before_(std::exchange(current(), &stream)) {}
StreamScope::~StreamScope() { current() = before_; }

}  // namespace ganymede
