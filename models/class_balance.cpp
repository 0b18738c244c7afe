#include <ganymede/models/class_balance.h>

#include <algorithm>
#include <string>

#include <ganymede/kernels/error.h>

namespace ganymede {

std::vector<float> balanced_weights(const std::vector<std::int32_t>& labels, int classes) {
  std::vector<std::int64_t> counts(std::size_t(classes), 0);
  for (std::int32_t label : labels) {
    if (label < 0 || label >= classes)
      throw UsageError("balanced_weights: label " + std::to_string(label) + " of " +
                       std::to_string(classes) + " classes");
    ++counts[std::size_t(label)];
  }
  const auto present = std::ranges::count_if(counts, [](std::int64_t n) { return n > 0; });
  std::vector<float> weights;
  for (std::int64_t n : counts)
    weights.push_back(n == 0 ? 0.0f : float(double(labels.size()) / double(present * n)));
  return weights;
}

}  // namespace ganymede
