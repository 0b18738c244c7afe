#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include <ganymede/engine/ops.h>
#include <ganymede/engine/random.h>
#include <ganymede/kernels/random.h>

#include "test/backends.h"
#include "test/oracle.h"
#include "test/sentinels.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

using kernels::Philox4;

std::vector<std::uint32_t> words(const Philox4& p) { return {p.v, p.v + 4}; }

struct Sample {
  double mean = 0.0, variance = 0.0, skewness = 0.0, kurtosis = 0.0;
};

Sample moments(const std::vector<float>& x) {
  Sample s;
  const double n = static_cast<double>(x.size());
  for (float v : x) s.mean += v / n;
  for (float v : x) s.variance += std::pow(v - s.mean, 2.0) / n;
  for (float v : x) s.skewness += std::pow((v - s.mean) / std::sqrt(s.variance), 3.0) / n;
  for (float v : x) s.kurtosis += std::pow((v - s.mean) / std::sqrt(s.variance), 4.0) / n;
  return s;
}

}  // namespace

namespace {

using Words = std::vector<std::uint32_t>;

/// Philox4x32-10 with a full counter, written from the paper's definition.
Words philox_by_definition(Words c, Words k) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
    const auto high = [](std::uint64_t p) { return static_cast<std::uint32_t>(p >> 32); };
    const auto low = [](std::uint64_t p) { return static_cast<std::uint32_t>(p); };
    c = {high(b) ^ c[1] ^ k[0], low(b), high(a) ^ c[3] ^ k[1], low(a)};
    k = {k[0] + 0x9E3779B9u, k[1] + 0xBB67AE85u};
  }
  return c;
}

}  // namespace

// Known answers of Random123 (kat_vectors, philox4x32 10). The engine's counter has 64 bits, so the
// vectors with a full counter test the definition, and the definition tests the engine.
TEST_CASE("random: Philox4x32-10 known answers", "[random]") {
  const std::uint32_t ones = 0xffffffffu;
  CHECK(philox_by_definition({0, 0, 0, 0}, {0, 0}) ==
        Words{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
  CHECK(philox_by_definition({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
  CHECK(philox_by_definition({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
                             {0xa4093822u, 0x299f31d0u}) ==
        Words{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
  TestRng rng(79);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t counter = rng.bits(), key = rng.bits();
    const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
    CHECK(
        words(kernels::philox(counter, key)) ==
        philox_by_definition({low(counter), low(counter >> 32), 0, 0}, {low(key), low(key >> 32)}));
  }
}

TEST_CASE("random: all devices draw the same integers", "[random]") {
  const std::uint64_t key = kernels::key_of("gan/hemorrhage/noise", 7);
  on_each_backend([&](const std::string& backend) {
    // The last is more than one cluster draws.
    for (std::int64_t n : {1, 3, 4, 129, 1031, 20011, 300007}) {
      const std::string what = std::to_string(n) + " numbers on " + backend;
      INFO(what);
      Sentinels buffers(what);
      constexpr std::int64_t start = (std::int64_t{1} << 32) - 2;
      std::vector<std::int64_t*> counters;
      const auto source = [&] {
        counters.push_back(buffers.state(std::vector<std::int64_t>{start}));
        return kernels::RandomSource{key, counters.back()};
      };
      float *u = buffers.output(n), *b = buffers.output(n), *z = buffers.output(n);
      float *dropped = buffers.output(n), *masked = buffers.output(n), *plain = buffers.output(n);
      auto* began = buffers.output<std::int64_t>(1);
      auto* index = buffers.output<std::int32_t>(n);
      Stream& stream = current_stream();
      kernels::uniform(stream, n, source(), -1.0f, 3.0f, u);
      kernels::bernoulli(stream, n, source(), 0.25f, 4.0f, b);
      kernels::normal(stream, n, source(), 1.0f, 2.0f, z);
      kernels::uniform_index(stream, n, source(), 1000, index);
      const kernels::DropoutShape leaky{n, 0.25f, Activation::leaky_relu, 0.5f};
      kernels::dropout(stream, leaky, source(), z, dropped, began);
      kernels::dropout_grad(stream, leaky, key, began, z, u, masked);
      kernels::dropout_grad(stream, {n, 0.25f}, key, began, nullptr, u, plain);
      const auto uniform = buffers.read(u), bernoulli = buffers.read(b), normal = buffers.read(z);
      const auto indices = buffers.read(index);
      const auto after_dropout = buffers.read(dropped), gradient = buffers.read(masked),
                 unshaped = buffers.read(plain);
      CHECK(buffers.read(began)[0] == start);
      const std::int64_t every = n > 2000 ? 97 : 1;  // of the long ones a sample
      for (std::int64_t i = 0; i < n; i += i + every < n ? every : 1) {
        const auto at = static_cast<std::size_t>(i);
        const Philox4 block = kernels::philox((std::uint64_t{1} << 32) - 2 + at / 4, key);
        const double unit = kernels::unit_float(block.v[at % 4]);
        CHECK(uniform[at] == Approx(-1.0 + 4.0 * unit).margin(1e-6));
        CHECK(bernoulli[at] == (unit < 0.25 ? 4.0f : 0.0f));
        const float slope = normal[at] > 0.0f ? 1.0f : 0.5f;  // powers of two: products are exact
        CHECK(after_dropout[at] == bernoulli[at] * (slope * normal[at]));
        CHECK(gradient[at] == bernoulli[at] * slope * uniform[at]);
        CHECK(unshaped[at] == bernoulli[at] * uniform[at]);
        CHECK(indices[at] ==
              static_cast<std::int32_t>((std::uint64_t{block.v[at % 4]} * 1000) >> 32));
        const std::size_t pair = at % 4 / 2 * 2;
        const double r =
            std::sqrt(-2.0 * std::log(1.0 - double{kernels::unit_float(block.v[pair])}));
        const double angle = 2.0 * M_PI * kernels::unit_float(block.v[pair + 1]);
        const double want = 1.0 + 2.0 * r * (at % 2 == 0 ? std::cos(angle) : std::sin(angle));
        CHECK(normal[at] == Approx(want).margin(2e-5));
      }
      const std::int64_t moved = start + (n + 3) / 4;
      for (const std::int64_t* counter : counters) CHECK(buffers.read(counter)[0] == moved);
      kernels::advance(stream, 5, counters[0]);
      CHECK(buffers.read(counters[0])[0] == moved + 5);
    }
  });
}

TEST_CASE("random: distributions", "[random]") {
  Rng rng(1, "test/distributions");
  const double n = 100000.0, five_sigma = 5.0 / std::sqrt(n);
  const auto u = rng.uniform({100000}).host();
  const Sample uniform = moments(u);
  CHECK(uniform.mean == Approx(0.5).margin(five_sigma * std::sqrt(1.0 / 12.0)));
  CHECK(uniform.variance == Approx(1.0 / 12.0).margin(five_sigma * std::sqrt(1.0 / 180.0)));
  for (float v : u)
    if (!(v >= 0.0f && v < 1.0f)) FAIL_CHECK(v << " is not in [0, 1)");
  const Sample normal = moments(rng.normal({100000}).host());
  CHECK(normal.mean == Approx(0.0).margin(five_sigma));
  CHECK(normal.variance == Approx(1.0).margin(five_sigma * std::sqrt(2.0)));
  CHECK(normal.skewness == Approx(0.0).margin(five_sigma * std::sqrt(6.0)));
  CHECK(normal.kurtosis == Approx(3.0).margin(five_sigma * std::sqrt(24.0)));
  const Sample kept = moments(rng.bernoulli({100000}, 0.6f, 1.0f / 0.6f).host());
  CHECK(kept.mean == Approx(1.0).margin(five_sigma * std::sqrt(0.4 / 0.6)));
}

TEST_CASE("random: streams depend on path and seed, not on the order of draws", "[random]") {
  const auto draw = [](std::uint64_t seed, const char* path) {
    return Rng(seed, path).uniform({8}).host();
  };
  CHECK(draw(1, "a") == draw(1, "a"));
  CHECK(draw(1, "a") != draw(2, "a"));
  CHECK(draw(1, "a") != draw(1, "b"));
  Rng parent(1, "a"), other(1, "a");
  parent.uniform({100});
  CHECK(parent.child("b").uniform({8}).host() == other.child("b").uniform({8}).host());
  CHECK(parent.child("b").uniform({8}).host() == draw(1, "a/b"));
  Rng once(1, "c"), twice(1, "c");
  const auto all = once.uniform({16}).host();
  auto halves = twice.uniform({8}).host();
  for (float v : twice.uniform({8}).host()) halves.push_back(v);
  CHECK(all == halves);
}

TEST_CASE("random: a saved position continues the stream", "[random]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    Rng rng(3, "resume");
    rng.normal({13});
    const auto position = rng.position().host<std::int64_t>();
    CHECK(position[0] == 4);
    const auto next = rng.normal({5}).host();
    Rng resumed(3, "resume");
    resumed.position().assign(position);
    CHECK(resumed.normal({5}).host() == next);
  });
}

TEST_CASE("random: a copy shares the position", "[random]") {
  Rng all(3, "shared"), rng(3, "shared"), copy = rng;
  const auto numbers = all.uniform({8}).host();
  CHECK(copy.uniform({4}).host() == std::vector<float>(numbers.begin(), numbers.begin() + 4));
  CHECK(rng.uniform({4}).host() == std::vector<float>(numbers.begin() + 4, numbers.end()));
}

// The mask is drawn anew for each gradient, whatever was drawn meanwhile.
TEST_CASE("random: dropout's derivatives have the mask of its forward pass", "[random]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    for (const Activation activation : {Activation::none, Activation::leaky_relu}) {
      const float below = activation == Activation::none ? 1.0f : 0.2f;
      Rng rng(5, "dropout");
      const Var x = Var::leaf(Rng(6, "x").normal({7, 11}));
      const Var g = Var::leaf(Rng(7, "g").normal({7, 11}));
      const Var y = dropout(x, rng, 0.4f, activation, 0.2f);
      dropout(x, rng, 0.4f);
      const Var gx = grad(y, {x}, {g, true})[0];
      const Var gg = grad(sum(square(gx)), {g})[0];
      const auto in = x.value().host(), out = y.value().host(), cotangent = g.value().host();
      const auto first = gx.value().host(), second = gg.value().host();
      int kept = 0;
      for (std::size_t i = 0; i < in.size(); ++i) {
        const float mask = out[i] == 0.0f ? 0.0f : 1.0f / 0.6f;
        const float factor = mask * (in[i] > 0.0f ? 1.0f : below);
        kept += mask > 0.0f;
        CHECK(out[i] == Approx(factor * in[i]));
        CHECK(first[i] == Approx(factor * cotangent[i]));
        CHECK(second[i] == Approx(2.0f * factor * factor * cotangent[i]));
      }
      CHECK(kept > 30);
      CHECK(kept < 62);
    }
  });
}
