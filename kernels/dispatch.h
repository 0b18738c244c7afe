#pragma once

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/stream.h>

namespace ganymede::kernels {

inline constexpr bool has_cuda = GANYMEDE_HAS_CUDA;

/// One operation with a body per device. Calling it picks the body by the stream's device. A body
/// with another signature does not compile; without CUDA its reference is dropped.
template <class Signature, Signature* Cpu, Signature* Cuda>
struct Kernel;

template <class... Args, void (*Cpu)(Stream&, Args...), void (*Cuda)(Stream&, Args...)>
struct Kernel<void(Stream&, Args...), Cpu, Cuda> {
  void operator()(Stream& stream, Args... args) const {
    if (stream.device().kind == DeviceKind::cpu) return Cpu(stream, args...);
    if constexpr (has_cuda) return Cuda(stream, args...);
    throw DeviceError("this build has no CUDA: configure it with GANYMEDE_CUDA=ON");
  }
};

}  // namespace ganymede::kernels
