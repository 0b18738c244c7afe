#include <catch2/catch.hpp>

#include <algorithm>

#include <ganymede/kernels/error.h>
#include <ganymede/models/class_balance.h>
#include <ganymede/models/sampler.h>

using namespace ganymede;

namespace {

using Labels = std::vector<std::int32_t>;

/// 7 images of class 0, 2 of class 2, 3 of class 3, none of class 1, in no order.
const Labels labels{0, 2, 0, 3, 0, 0, 3, 0, 2, 0, 3, 0};

template <class Sampler>
Labels positions(Sampler sampler, std::int64_t begin, std::int64_t end) {
  Labels images;
  for (std::int64_t p = begin; p < end; ++p) images.push_back(sampler.at(p));
  return images;
}

}  // namespace

TEST_CASE("samplers: a position is the same whenever it is asked for") {
  const auto check = [](const auto& fresh) {
    const Labels all = positions(fresh, 0, 90);
    auto later = fresh, backwards = fresh;
    CHECK(later.batch(4, 7) == Labels(all.begin() + 28, all.begin() + 35));
    for (std::int64_t p = 89; p >= 0; --p) CHECK(backwards.at(p) == all[std::size_t(p)]);
  };
  check(EpochSampler(12, 5, "order"));
  check(BalancedSampler(labels, 5, "order"));
  CHECK(positions(BalancedSampler(labels, 5, "a"), 0, 30) !=
        positions(BalancedSampler(labels, 5, "b"), 0, 30));
  CHECK(positions(BalancedSampler(labels, 5, "a"), 0, 30) !=
        positions(BalancedSampler(labels, 6, "a"), 0, 30));
}

TEST_CASE("samplers: balanced means each class once in a turn, and each of its images in a walk") {
  const Labels images = positions(BalancedSampler(labels, 1, "order"), 0, 3 * 42);
  for (std::size_t turn = 0; turn < images.size(); turn += 3) {
    Labels classes;
    for (std::size_t i = turn; i < turn + 3; ++i) classes.push_back(labels[std::size_t(images[i])]);
    std::ranges::sort(classes);
    CHECK(classes == Labels{0, 2, 3});
  }
  // 42 turns: 6, 21 and 14 walks over 7, 2 and 3 images.
  for (std::size_t i = 0; i < labels.size(); ++i)
    CHECK(std::ranges::count(images, std::int32_t(i)) == (labels[i] == 0   ? 6
                                                          : labels[i] == 2 ? 21
                                                                           : 14));
}

TEST_CASE("samplers: empty sets and images without labels are refused") {
  CHECK_THROWS_AS(EpochSampler(0, 1, "order"), UsageError);
  CHECK_THROWS_AS(BalancedSampler({}, 1, "order"), UsageError);
  CHECK_THROWS_AS(BalancedSampler({0, -1}, 1, "order"), UsageError);
}

// scikit-learn's compute_class_weight("balanced") gives 12 / (3 * (7, 2, 3)) for these.
TEST_CASE("class weights that balance") {
  const std::vector<float> weights = balanced_weights(labels, 4);
  CHECK(weights == std::vector<float>{12.0f / 21.0f, 0.0f, 2.0f, 12.0f / 9.0f});
  double sum = 0;
  for (std::int32_t label : labels) sum += weights[std::size_t(label)];
  CHECK(sum / double(labels.size()) == Approx(1.0));
  CHECK_THROWS_AS(balanced_weights(labels, 3), UsageError);
  CHECK_THROWS_AS(balanced_weights({-1}, 3), UsageError);
}
