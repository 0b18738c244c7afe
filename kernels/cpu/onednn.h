#pragma once
// oneDNN's engine and stream, and its errors as ours. Included by *_onednn.cpp alone.

#include <string>
#include <utility>

#include <oneapi/dnnl/dnnl.hpp>

#include <ganymede/kernels/error.h>

namespace ganymede::kernels::cpu::onednn {

inline const dnnl::engine& engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

/// Streams are not thread-safe: one per thread.
inline dnnl::stream& stream() {
  thread_local dnnl::stream instance(engine());
  return instance;
}

template <class Body>
auto guarded(const char* op, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const dnnl::error& failure) {
    throw DeviceError(std::string(op) + ": oneDNN failed: " + failure.what());
  }
}

}  // namespace ganymede::kernels::cpu::onednn
