#include <ganymede/models/sampler.h>

#include <numeric>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>

namespace ganymede {

EpochSampler::EpochSampler(std::int64_t count, std::uint64_t seed, std::string_view path,
                           bool shuffle)
    : count_(count), seed_(seed), path_(path), shuffle_(shuffle) {
  if (count < 1) throw UsageError("sampler: '" + path_ + "' has no images");
}

std::vector<std::int32_t> EpochSampler::batch(std::int64_t iteration, int size) {
  std::vector<std::int32_t> indices;
  for (std::int64_t p = iteration * size; p < (iteration + 1) * size; ++p)
    indices.push_back(permutation(p / count_)[std::size_t(p % count_)]);
  return indices;
}

const std::vector<std::int32_t>& EpochSampler::permutation(std::int64_t epoch) {
  if (epoch == epoch_) return order_;
  order_.resize(std::size_t(count_));
  std::iota(order_.begin(), order_.end(), 0);
  if (shuffle_)
    HostRng(seed_, path_ + "/epoch/" + std::to_string(epoch)).shuffle(std::span(order_));
  epoch_ = epoch;
  return order_;
}

}  // namespace ganymede
