#pragma once
// Between integer images as they are stored and the [-1, 1] that networks see.

#include <cstdint>
#include <vector>

#include <ganymede/engine/tensor.h>

namespace ganymede {

/// Images `index` (i32; empty: all, in order) of a resident u8 or u16 set, as f32 in [-1, 1].
Tensor gather_images(const Tensor& images, const Tensor& index);
/// The same, resized bilinearly to side x side.
Tensor gather_images(const Tensor& images, const Tensor& index, int side);

/// [-1, 1] back to integers, rounded to nearest, clamped.
std::vector<std::uint8_t> to_u8(const Tensor& images);
std::vector<std::uint16_t> to_u16(const Tensor& images);

}  // namespace ganymede
