#include <ganymede/models/pixels.h>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

template <class T>
std::vector<T> quantised(const Tensor& images, float top) {
  const std::vector<float> values = images.host();
  std::vector<T> result(values.size());
  std::ranges::transform(values, result.begin(), [top](float v) {
    return static_cast<T>(std::lround(std::clamp((v + 1.0f) / 2.0f, 0.0f, 1.0f) * top));
  });
  return result;
}

}  // namespace

Tensor gather_images(const Tensor& images, const Tensor& index) {
  if (images.dtype() != DType::u8 && images.dtype() != DType::u16)
    throw UsageError(std::string("gather_images: expects u8 or u16 images, got ") +
                     name_of(images.dtype()));
  const float top = images.dtype() == DType::u8 ? 255.0f : 65535.0f;
  return gather(images, index, 2.0f / top, -1.0f);
}

Tensor gather_images(const Tensor& images, const Tensor& index, int side) {
  const Tensor batch = gather_images(images, index);
  if (batch.shape()[1] == side && batch.shape()[2] == side) return batch;
  const Recording off(false);
  return resize_bilinear(batch, side, side).value();
}

std::vector<std::uint8_t> to_u8(const Tensor& images) {
  return quantised<std::uint8_t>(images, 255.0f);
}
std::vector<std::uint16_t> to_u16(const Tensor& images) {
  return quantised<std::uint16_t>(images, 65535.0f);
}

}  // namespace ganymede
