#include <ganymede/tools/study/pictures.h>

#include <algorithm>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/similarity.h>

namespace ganymede::study {

std::vector<Image> to_images(const Tensor& batch, int bits) {
  const std::vector<float> values = batch.host();
  const Shape& s = batch.shape();
  const std::int64_t size = s[0] ? batch.elements() / s[0] : 0;
  std::vector<Image> images;
  for (std::int64_t i = 0; i < s[0]; ++i)
    images.push_back(
        from_float(values.data() + i * size, int(s[1]), int(s[2]), int(s[3]), bits, -1, 1));
  return images;
}

std::vector<float> to_values(const std::vector<Image>& images) {
  std::vector<float> all;
  for (const Image& image : images) {
    const std::vector<float> values = to_float(image);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

std::optional<double> mean_ssim(const std::vector<Image>& a, const std::vector<Image>& b) {
  if (a.size() != b.size())
    throw ShapeError("mean SSIM: lists of " + std::to_string(a.size()) + " and " +
                     std::to_string(b.size()) + " images");
  if (a.empty() || quality::ms_ssim_scales(std::min(a[0].height(), a[0].width())) == 0) return {};
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::vector<float> x = to_float(a[i]), y = to_float(b[i]);
    sum += quality::ssim({x, a[i].height(), a[i].width(), a[i].channels()},
                         {y, b[i].height(), b[i].width(), b[i].channels()}, 1);
  }
  return sum / double(a.size());
}

std::vector<Image> cut_strip(const Image& strip, std::size_t count) {
  const int height = strip.height() / int(count);
  std::vector<Image> images(count, Image(height, strip.width(), strip.channels(), strip.bits()));
  const std::size_t size = images.front().size();
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < size; ++k) images[i].set(k, strip.value(i * size + k));
  return images;
}

Image enlarged(const Image& image, int least_width) {
  const int factor = std::max(1, (least_width + image.width() - 1) / image.width());
  Image large(image.height() * factor, image.width() * factor, image.channels(), image.bits());
  for (int y = 0; y < large.height(); ++y)
    for (int x = 0; x < large.width(); ++x)
      for (int c = 0; c < large.channels(); ++c)
        large.set(y, x, c, image.at(y / factor, x / factor, c));
  return large;
}

}  // namespace ganymede::study
