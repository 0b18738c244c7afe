#pragma once
// For .cpp files only: the functions of cuDNN that convolutions need, found at first use. Members
// have the names that cuDNN's own header declares.

#include <cudnn.h>

#include <string>

#include <ganymede/kernels/stream.h>
#include <ganymede/kernels/vendor/shared_library.h>

namespace ganymede::kernels::vendor {

struct Cudnn {
  SharedLibrary library{"libcudnn.so." + std::to_string(CUDNN_MAJOR)};

#define GANYMEDE_CUDNN(name) decltype(&::name) name = library.function<decltype(&::name)>(#name)
  GANYMEDE_CUDNN(cudnnGetErrorString);
  GANYMEDE_CUDNN(cudnnCreate);
  GANYMEDE_CUDNN(cudnnDestroy);
  GANYMEDE_CUDNN(cudnnSetStream);
  GANYMEDE_CUDNN(cudnnCreateTensorDescriptor);
  GANYMEDE_CUDNN(cudnnDestroyTensorDescriptor);
  GANYMEDE_CUDNN(cudnnSetTensor4dDescriptor);
  GANYMEDE_CUDNN(cudnnCreateFilterDescriptor);
  GANYMEDE_CUDNN(cudnnDestroyFilterDescriptor);
  GANYMEDE_CUDNN(cudnnSetFilter4dDescriptor);
  GANYMEDE_CUDNN(cudnnCreateConvolutionDescriptor);
  GANYMEDE_CUDNN(cudnnDestroyConvolutionDescriptor);
  GANYMEDE_CUDNN(cudnnSetConvolution2dDescriptor);
  GANYMEDE_CUDNN(cudnnSetConvolutionGroupCount);
  GANYMEDE_CUDNN(cudnnSetConvolutionMathType);
  GANYMEDE_CUDNN(cudnnGetConvolutionForwardWorkspaceSize);
  GANYMEDE_CUDNN(cudnnGetConvolutionBackwardDataWorkspaceSize);
  GANYMEDE_CUDNN(cudnnGetConvolutionBackwardFilterWorkspaceSize);
  GANYMEDE_CUDNN(cudnnConvolutionForward);
  GANYMEDE_CUDNN(cudnnConvolutionBackwardData);
  GANYMEDE_CUDNN(cudnnConvolutionBackwardFilter);
#undef GANYMEDE_CUDNN
};

/// Throws DeviceError where this machine has none.
const Cudnn& cudnn();

/// Throws DeviceError "WHAT: cuDNN: reason" unless the call succeeded.
void check(cudnnStatus_t status, const char* what);

/// This thread's handle on the stream's device, which must be the current one, set to the stream.
cudnnHandle_t handle_of(Stream& stream);

}  // namespace ganymede::kernels::vendor
