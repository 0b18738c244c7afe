#pragma once

#include <functional>
#include <string>

#include <ganymede/kernels/stream.h>

namespace ganymede::test {

/// Whether there is a CUDA device. Where GANYMEDE_WANT_CUDA=1 says that there must be one, none
/// fails the case: it would pass by skipping what it is for.
bool has_cuda_device();

/// Runs `body` on every device present, with a fresh current stream in fp32: "cpu", "cuda", and
/// under the emulator once per lane order ("emulated, reverse lanes").
void on_each_backend(const std::function<void(const std::string& backend)>& body);
/// The same, but not on the CPU: for what is compared with the CPU.
void on_each_cuda_backend(const std::function<void(const std::string& backend)>& body);

/// The same with the vendor's conv and gemm: "cpu, vendor" is oneDNN; of CUDA's the emulator has
/// twins. Where CUDA has none it says so, and why.
void on_each_vendor_backend(const std::function<void(const std::string& backend)>& body);
/// The same, but not on the CPU.
void on_each_cuda_vendor_backend(const std::function<void(const std::string& backend)>& body);

}  // namespace ganymede::test
