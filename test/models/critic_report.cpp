#include <catch2/catch.hpp>

#include <numeric>

#include <ganymede/models/critic_report.h>

using namespace ganymede;
using Catch::Matchers::Contains;

namespace {

/// A training whose critic's estimate is `first` + n times `step`, here and there moved by `noise`.
GanHistory history(int count, float first, float step, float noise) {
  GanHistory h;
  for (int i = 0; i < count; ++i) {
    h.score_real.push_back(first + step * float(i) + (i % 2 ? noise : -noise));
    h.score_fake.push_back(0.5f);
    h.score_real.back() += 0.5f;
  }
  return h;
}

GanHistory joined(GanHistory a, const GanHistory& b) {
  a.score_real.insert(a.score_real.end(), b.score_real.begin(), b.score_real.end());
  a.score_fake.insert(a.score_fake.end(), b.score_fake.begin(), b.score_fake.end());
  return a;
}

}  // namespace

TEST_CASE("the estimate is what the critic gives reals more than fakes") {
  GanHistory h;
  h.score_real = {1.0f, 0.5f};
  h.score_fake = {-0.25f, 0.75f};
  CHECK(h.wasserstein() == std::vector<float>{1.25f, -0.25f});
}

TEST_CASE("a critic that tells reals from fakes to the end gives no warning") {
  CHECK(critic_warning(history(500, 2.0f, 0.0f, 0.5f)).empty());
  // Falling as the generator learns, as it should, to a tenth of what it was.
  CHECK(critic_warning(history(500, 2.0f, -1.8f / 500, 0.01f)).empty());
}

TEST_CASE("a critic that has collapsed is reported") {
  const GanHistory good = history(300, 1.0f, 0.0f, 0.1f);
  CHECK_THAT(critic_warning(joined(good, history(200, 0.0f, 0.0f, 0.1f))),
             Contains("no longer tells reals from fakes"));
  CHECK_THAT(critic_warning(joined(good, history(200, 0.0f, 0.0f, 0.0f))),
             Contains("no longer tells reals from fakes"));
  CHECK_THAT(critic_warning(joined(good, history(200, -0.5f, 0.0f, 0.1f))), Contains("-0.5"));
  // Above zero, but by less than its own scatter allows to say.
  CHECK_THAT(critic_warning(joined(good, history(200, 0.1f, 0.0f, 1.0f))),
             Contains("not above zero"));
}

TEST_CASE("a critic that has nearly collapsed is reported with its share of the maximum") {
  const GanHistory good = history(300, 1.0f, 0.0f, 0.1f);
  const std::string warning = critic_warning(joined(good, history(200, 0.04f, 0.0f, 0.001f)));
  CHECK_THAT(warning, Contains("nearly uninformative") && Contains("4 %"));
  CHECK(critic_warning(joined(good, history(200, 0.06f, 0.0f, 0.001f))).empty());
}

TEST_CASE("a critic that stands at the largest estimate its weights allow is reported") {
  const GanHistory rising = history(200, 0.5f, 0.005f, 0.05f);
  const std::string warning = critic_warning(joined(rising, history(300, 1.58f, 0.0f, 0.01f)));
  CHECK_THAT(warning, Contains("saturated") && Contains("1.59") && Contains("gan.n_critic"));
  // Dips do not hide it; going on to rise or scattering widely is something else.
  GanHistory dips = joined(rising, history(300, 1.58f, 0.0f, 0.01f));
  for (std::size_t i = 210; i < dips.score_real.size(); i += 20) dips.score_real[i] -= 0.3f;
  CHECK_THAT(critic_warning(dips), Contains("saturated"));
  CHECK(critic_warning(history(500, 0.5f, 0.005f, 0.05f)).empty());
  CHECK(critic_warning(joined(rising, history(300, 1.5f, 0.0f, 0.1f))).empty());
}

TEST_CASE("one high entry is no maximum to compare with") {
  GanHistory h = history(500, 1.0f, 0.0f, 0.1f);
  h.score_real[3] = 26.0f;  // 26 times the rest, but 2 of the smoothed 25
  CHECK(critic_warning(h).empty());
}

TEST_CASE("fewer than 50 entries say nothing") {
  CHECK(critic_warning({}).empty());
  CHECK(critic_warning(history(49, 0.0f, 0.0f, 0.1f)).empty());
  CHECK_FALSE(critic_warning(history(50, 0.0f, 0.0f, 0.1f)).empty());
}

TEST_CASE("smoothing keeps constants and the length, and takes the mean of neighbours") {
  for (std::size_t n : {0, 1, 4, 5, 37, 500})
    CHECK(smoothed(std::vector<float>(n, 0.75f)) == std::vector<float>(n, 0.75f));
  CHECK(smoothed({0, 0, 15, 0, 0, 0, 0}) == std::vector<float>{5, 3.75f, 3, 3, 3, 0, 0});
  std::vector<float> peak(200, 0.0f);
  peak[100] = 11.0f;  // 5 entries on either side of 200 / 40
  const std::vector<float> smooth = smoothed(peak);
  CHECK(smooth[94] == 0.0f);
  CHECK(smooth[95] == 1.0f);
  CHECK(smooth[105] == 1.0f);
  CHECK(smooth[106] == 0.0f);
  CHECK(std::accumulate(smooth.begin(), smooth.end(), 0.0f) == Approx(11.0f));
}

TEST_CASE("a discriminator that calls everything the same is reported with its remedy") {
  const auto scores = [](int count, float real, float fake) {
    GanHistory h;
    h.score_real.assign(std::size_t(count), real);
    h.score_fake.assign(std::size_t(count), fake);
    return h;
  };
  const GanHistory good = scores(30, .8f, .2f);
  CHECK(discriminator_warning(good).empty());
  CHECK_THAT(discriminator_warning(joined(good, scores(10, .9999f, .998f))),
             Contains("1.000 and 0.998") && Contains("gan.sigmoid = false"));
  CHECK_THAT(discriminator_warning(joined(good, scores(10, .001f, .0f))),
             Contains("no longer tells"));
  CHECK(discriminator_warning(joined(good, scores(4, .999f, .999f))).empty());   // not yet for long
  CHECK(discriminator_warning(joined(good, scores(10, .999f, .001f))).empty());  // too good at it
  CHECK(discriminator_warning(scores(19, .999f, .999f)).empty());
  const GanHistory lost = scores(40, .999f, .999f);
  CHECK(training_warning({.loss = GanLoss::wasserstein}, lost).empty());
  CHECK_FALSE(training_warning({.loss = GanLoss::least_squares}, lost).empty());
  // Scores that are no probabilities may well be near 1.
  CHECK(training_warning({.loss = GanLoss::least_squares, .sigmoid = false}, lost).empty());
}
