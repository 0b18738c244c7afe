#pragma once
// Scatters: one thread owns a block of channels of one image and adds contributions in order.

#include <algorithm>
#include <cstdint>

#include <ganymede/kernels/cpu/parallel.h>

namespace ganymede::kernels::cpu {

/// Calls body(image, first channel, last channel) for all images and blocks of channels; `pixels`
/// is the work per channel.
template <class Body>
void for_channel_blocks(int batch, int channels, std::int64_t pixels, const Body& body) {
  constexpr int size = 64;
  const std::int64_t blocks = (channels + size - 1) / size;
  parallel_for(batch * blocks, row_grain(4 * pixels * std::min(size, channels)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   const int first = static_cast<int>(i % blocks) * size;
                   body(i / blocks, first, std::min(first + size, channels));
                 }
               });
}

/// x[pixel, first..last) = 0 for all pixels of an image.
inline void clear_channels(float* x, std::int64_t pixels, int channels, int first, int last) {
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
    std::fill(x + pixel * channels + first, x + pixel * channels + last, 0.0f);
}

}  // namespace ganymede::kernels::cpu
