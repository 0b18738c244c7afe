#pragma once
// What stream.cpp asks of the vendor's libraries.

namespace ganymede::kernels::vendor {

/// Opens cuDNN and cuBLAS, once per process. Throws DeviceError naming the library that is not
/// there.
void open_libraries();

}  // namespace ganymede::kernels::vendor
