#include <ganymede/models/quality/diversity.h>

#include <algorithm>
#include <vector>

namespace ganymede::quality {

// Over the sorted values of one pixel, the k-th of n is added k times and taken away n-1-k times in
// the sum of |a - b| over the pairs: n log n in place of n^2, and every pixel for itself.
double mean_pairwise_l1(const ImageSet& images) {
  check_image_set("mean_pairwise_l1", images);
  if (images.count < 2)
    throw DataError("mean_pairwise_l1: it needs at least 2 images, got " +
                    std::to_string(images.count));
  const std::size_t n = images.count;
  std::vector<float> values(n);
  double sum = 0;
  for (std::size_t pixel = 0; pixel < images.size(); ++pixel) {
    for (std::size_t i = 0; i < n; ++i) values[i] = images.pixels[i * images.size() + pixel];
    std::sort(values.begin(), values.end());
    for (std::size_t k = 0; k < n; ++k) sum += (2 * double(k) - double(n - 1)) * double(values[k]);
  }
  return sum / (double(n) * double(n - 1) / 2 * double(images.size()));
}

}  // namespace ganymede::quality
