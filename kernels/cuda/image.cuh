#pragma once
// Addresses in an NHWC image batch.

#include <cuda_runtime.h>

#include <cstdint>

namespace ganymede::kernels::cuda {

struct Place {
  std::int64_t image;
  int row, column, channel;
};

struct Image {
  int batch, height, width, channels;

  __host__ __device__ std::int64_t size() const {
    return height > 0 && width > 0 ? static_cast<std::int64_t>(batch) * height * width * channels
                                   : 0;
  }
  __device__ std::int64_t offset(std::int64_t image, int row, int column, int channel) const {
    return ((image * height + row) * width + column) * channels + channel;
  }
  __device__ Place place(std::int64_t i) const {
    const std::int64_t pixel = i / channels, line = pixel / width, image = line / height;
    return {image, static_cast<int>(line - image * height), static_cast<int>(pixel - line * width),
            static_cast<int>(i - pixel * channels)};
  }
};

}  // namespace ganymede::kernels::cuda
