#include <ganymede/models/sampler.h>

#include <map>
#include <numeric>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>

namespace ganymede {
namespace {

template <class Sampler>
std::vector<std::int32_t> batch_of(Sampler& sampler, std::int64_t iteration, int size) {
  std::vector<std::int32_t> indices;
  for (std::int64_t p = iteration * size; p < (iteration + 1) * size; ++p)
    indices.push_back(sampler.at(p));
  return indices;
}

std::map<std::int32_t, std::vector<std::int32_t>> images_by_class(
    const std::vector<std::int32_t>& labels, std::string_view path) {
  std::map<std::int32_t, std::vector<std::int32_t>> images;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0)
      throw UsageError("sampler: image " + std::to_string(i) + " of '" + std::string(path) +
                       "' has no label");
    images[labels[i]].push_back(static_cast<std::int32_t>(i));
  }
  return images;
}

}  // namespace

EpochSampler::EpochSampler(std::int64_t count, std::uint64_t seed, std::string_view path,
                           bool shuffle)
    : count_(count), seed_(seed), path_(path), shuffle_(shuffle) {
  if (count < 1) throw UsageError("sampler: '" + path_ + "' has no images");
}

std::int32_t EpochSampler::at(std::int64_t position) {
  return permutation(position / count_)[std::size_t(position % count_)];
}

std::vector<std::int32_t> EpochSampler::batch(std::int64_t iteration, int size) {
  return batch_of(*this, iteration, size);
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

BalancedSampler::BalancedSampler(const std::vector<std::int32_t>& labels, std::uint64_t seed,
                                 std::string_view path) {
  if (labels.empty()) throw UsageError("sampler: '" + std::string(path) + "' has no images");
  for (auto& [label, images] : images_by_class(labels, path)) {
    EpochSampler order(std::int64_t(images.size()), seed,
                       std::string(path) + "/class" + std::to_string(label));
    classes_.push_back({std::move(images), std::move(order)});
  }
}

std::int32_t BalancedSampler::at(std::int64_t position) {
  const auto count = static_cast<std::int64_t>(classes_.size());
  OneClass& turn = classes_[std::size_t(position % count)];
  return turn.images[std::size_t(turn.order.at(position / count))];
}

std::vector<std::int32_t> BalancedSampler::batch(std::int64_t iteration, int size) {
  return batch_of(*this, iteration, size);
}

}  // namespace ganymede
