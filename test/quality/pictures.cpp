#include <ganymede/models/quality/diversity.h>
#include <ganymede/models/quality/memorisation.h>
#include <ganymede/models/quality/pixel_floor.h>
#include <ganymede/models/quality/splitmix.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

using namespace ganymede::quality;

namespace {

constexpr int side = 8;

struct Pictures {
  std::vector<float> pixels;
  int count = 0;

  ImageSet set() const { return {pixels, count, side, side, 1}; }
  void add(std::span<const float> image) {
    pixels.insert(pixels.end(), image.begin(), image.end());
    ++count;
  }
};

double uniform(SplitMix64& random) { return double(random.next() >> 11) / 9007199254740992.; }

/// A slope whose direction, phase and height are random, under some noise.
std::vector<float> picture(SplitMix64& random, double noise = .1) {
  const double angle = 2 * std::numbers::pi * uniform(random), phase = 6 * uniform(random);
  std::vector<float> image;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      image.push_back(float(std::sin(.7 * (x * std::cos(angle) + y * std::sin(angle)) + phase) +
                            noise * uniform(random)));
  return image;
}

Pictures pictures(int count, std::uint64_t seed, double noise = .1) {
  Pictures result;
  SplitMix64 random(seed);
  for (int i = 0; i < count; ++i) result.add(picture(random, noise));
  return result;
}

std::vector<float> mirrored(std::span<const float> image) {
  std::vector<float> result(image.begin(), image.end());
  for (int y = 0; y < side; ++y)
    std::reverse(result.begin() + y * side, result.begin() + (y + 1) * side);
  return result;
}

}  // namespace

TEST_CASE("the nearest image by hand, mirrored too") {
  const std::vector<float> set{0, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9};
  const std::vector<float> queries{1, 2, 3, 5, 4, 3, 2, 1};
  const auto nearest = nearest_images({queries, 2, 1, 4, 1}, {set, 3, 1, 4, 1});
  CHECK(nearest[0].index == 1);
  CHECK_FALSE(nearest[0].flipped);
  CHECK(nearest[0].distance == Approx(.5));  // sqrt(1 / 4)
  CHECK(nearest[1].index == 1);
  CHECK(nearest[1].flipped);
  CHECK(nearest[1].distance == 0);
  const double zero = std::sqrt(39. / 4), nine = std::sqrt((64 + 49 + 36 + 16) / 4.);
  CHECK(nearest[0].relative == Approx(.5 / ((zero + nine) / 2)));
}

TEST_CASE("one's own patient is passed over") {
  const auto set = pictures(5, 1);
  const std::vector<int> own{0, 1, 2, 3, 4};
  const std::vector<int> two{0, 0, 0, 0, 1}, all{7, 7, 7, 7, 7};
  for (const auto& n : nearest_images(set.set(), set.set())) CHECK(n.distance == 0);
  for (const auto& n : nearest_images(set.set(), set.set(), own, own)) CHECK(n.distance > .01);
  CHECK(nearest_images(set.set(), set.set(), two, two)[0].index == 4);
  CHECK(nearest_images(set.set(), set.set(), all, all)[0].index == -1);
  CHECK_THROWS_AS(nearest_images(set.set(), set.set(), std::vector<int>{1}, own),
                  ganymede::ShapeError);
}

TEST_CASE("fresh pictures show no sign of copies") {
  const auto train = pictures(150, 1), held_out = pictures(150, 2), fresh = pictures(150, 3);
  const auto audit = audit_memorisation(fresh.set(), train.set(), held_out.set());
  CHECK(audit.verdict == MemorisationVerdict::no_sign);
  CHECK(audit.near_identical_count == 0);
  CHECK(audit.flagged_count <= 5);
  CHECK(audit.expected_share == Approx(1. / 151));
  const auto wider =
      audit_memorisation(fresh.set(), train.set(), held_out.set(), {}, {}, {.percentile = .02});
  CHECK_THAT(wider.sentence, Catch::Contains("than 98 % of 150 held-out reals"));
}

TEST_CASE("planted copies are found, mirrored and slightly noisy ones too") {
  const auto train = pictures(150, 1), held_out = pictures(150, 2);
  auto fakes = pictures(100, 3);
  fakes.add(train.set().image(17));
  fakes.add(mirrored(train.set().image(90)));
  std::vector<float> noisy(train.set().image(40).begin(), train.set().image(40).end());
  for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] += i % 2 ? .01f : -.01f;
  fakes.add(noisy);
  const auto audit = audit_memorisation(fakes.set(), train.set(), held_out.set());
  CHECK(audit.verdict == MemorisationVerdict::copies);
  CHECK(audit.near_identical_count == 3);
  CHECK(audit.fakes[100].index == 17);
  CHECK((audit.fakes[101].index == 90 && audit.fakes[101].flipped));
  CHECK((audit.flagged[100] && audit.flagged[101] && audit.flagged[102]));
  CHECK_THAT(audit.sentence, Catch::Contains("25 % of what is usual between patients"));
}

TEST_CASE("with few held-out reals only near-identity counts") {
  const auto train = pictures(60, 1), held_out = pictures(17, 2);
  auto fakes = pictures(30, 3);
  const auto clean = audit_memorisation(fakes.set(), train.set(), held_out.set());
  CHECK(clean.verdict == MemorisationVerdict::no_sign);
  CHECK(clean.flagged_count == 0);
  CHECK(clean.distance_limit == 0);
  fakes.add(train.set().image(5));
  const auto copied = audit_memorisation(fakes.set(), train.set(), held_out.set());
  CHECK(copied.verdict == MemorisationVerdict::copies);
  CHECK(copied.flagged_count == 1);
}

TEST_CASE("fakes too near without being identical are suspect") {
  const auto train = pictures(150, 1), held_out = pictures(150, 2);
  Pictures fakes;
  SplitMix64 random(9);
  for (int i = 0; i < 120; ++i) {  // 97 % of a training image, the rest its own
    const auto own = picture(random);
    std::vector<float> mixed(train.set().image(i).begin(), train.set().image(i).end());
    for (std::size_t k = 0; k < mixed.size(); ++k) mixed[k] = 0.97f * mixed[k] + 0.03f * own[k];
    fakes.add(mixed);
  }
  AuditOptions options;
  options.near_identical = 0;
  const auto audit = audit_memorisation(fakes.set(), train.set(), held_out.set(), {}, {}, options);
  CHECK(audit.verdict == MemorisationVerdict::suspect);
  CHECK(audit.flagged_count > 10);
}

TEST_CASE("smooth fakes are near to every image, which is no copying") {
  const auto train = pictures(150, 1, 4), held_out = pictures(150, 2, 4);
  auto fakes = pictures(120, 3, 0);
  for (float& value : fakes.pixels) value += 2;  // the mean of the noise that they lack
  const auto audit = audit_memorisation(fakes.set(), train.set(), held_out.set());
  CHECK(audit.closer_count > 60);  // by distance alone they would be suspect, and left out
  CHECK(audit.flagged_count <= 3);
  CHECK(audit.p_flagged > .01);
  CHECK(audit.p_three_sample < .01);  // which is why that test does not decide
  CHECK(audit.verdict == MemorisationVerdict::no_sign);
}

TEST_CASE("mean pairwise L1 equals the double loop") {
  const auto set = pictures(9, 4);
  double sum = 0;
  int pairs = 0;
  for (int i = 0; i < 9; ++i)
    for (int j = 0; j < i; ++j, ++pairs)
      for (int k = 0; k < side * side; ++k)
        sum += std::abs(set.set().image(i)[k] - set.set().image(j)[k]);
  CHECK(mean_pairwise_l1(set.set()) == Approx(sum / pairs / (side * side)));
  const std::vector<float> collapsed(2 * side * side, .5f);
  CHECK(mean_pairwise_l1({collapsed, 2, side, side, 1}) == 0);
  CHECK_THROWS_AS(mean_pairwise_l1({collapsed, 3, side, side, 1}), ganymede::ShapeError);
}

TEST_CASE("the best statistic is chosen before the test part is read") {
  const std::vector<float> ramp{4, 1, 3, 2, 5};
  const auto s = pixel_statistics(ramp);
  CHECK(s[0] == Approx(3));
  CHECK(s[1] == Approx(std::sqrt(2)));
  CHECK(s[2] == 1);
  CHECK(s[6] == 3);
  CHECK(s[10] == 5);
  std::vector<PixelStatistics> development, test;
  std::vector<int> labels, test_labels;
  for (int i = 0; i < 10; ++i) {  // the darkest pixel tells the classes: lower is positive
    PixelStatistics values{};
    values[0] = i;
    values[2] = i % 2 ? -1 - i : i;
    development.push_back(values);
    labels.push_back(i % 2);
    values[2] = i < 8 ? -i : i;  // on the test part it does so less well
    test.push_back(values);
    test_labels.push_back(i >= 5);
  }
  const auto floor = pixel_floor(development, labels, test, test_labels, 2, 1);
  CHECK(floor.statistic == "minimum");
  CHECK_FALSE(floor.higher_is_positive);
  CHECK(floor.development_auc == 1);
  CHECK(floor.test_auc == Approx(.6));  // 3 of 5 positives above all others, 2 below all
}
