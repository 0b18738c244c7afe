#pragma once

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/stream.h>

namespace ganymede::kernels {

inline constexpr bool has_cuda = GANYMEDE_HAS_CUDA;
inline constexpr bool has_vendor = GANYMEDE_HAS_VENDOR;  ///< cuDNN and cuBLAS
inline constexpr bool has_onednn = GANYMEDE_ONEDNN;

/// One operation with a body per device. Calling it picks the body by the stream's device. A body
/// with another signature does not compile; without CUDA its reference is dropped. A third body is
/// a vendor library's, taken on CUDA streams that ask for it and dropped where it is not built; on
/// the CPU the one body asks the stream itself.
template <class Signature, Signature* Cpu, Signature* Cuda, Signature*... Vendor>
struct Kernel;

template <class... Args, void (*Cpu)(Stream&, Args...), void (*Cuda)(Stream&, Args...),
          void (*... Vendor)(Stream&, Args...)>
struct Kernel<void(Stream&, Args...), Cpu, Cuda, Vendor...> {
  void operator()(Stream& stream, Args... args) const {
    if (stream.device().kind == DeviceKind::cpu) return Cpu(stream, args...);
    if constexpr (has_vendor && sizeof...(Vendor) == 1) {
      if (stream.kernels() == KernelSource::vendor) return (Vendor(stream, args...), ...);
    }
    if constexpr (has_cuda) return Cuda(stream, args...);
    throw DeviceError("this build has no CUDA: configure it with GANYMEDE_CUDA=ON");
  }
};

}  // namespace ganymede::kernels
