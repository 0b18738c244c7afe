// One Philox block gives four elements; blocks are independent, so that any split of the blocks
// over threads gives the same numbers.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/philox_batch.h>
#include <ganymede/kernels/random.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ganymede::kernels::cpu {
namespace {

// Calls use(first, count, words) for runs that cover [0, n): words[j] is that of element first + j.
template <class Use>
void each_run(std::int64_t n, std::uint64_t key, std::int64_t counter, const Use& use) {
  const std::int64_t runs = (n + batch_words - 1) / batch_words;
  parallel_for(runs, grain_elements / batch_words, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      std::uint32_t words[batch_words];
      draw_batch(static_cast<std::uint64_t>(counter + i * philox_batch), key, words);
      use(i * batch_words, std::min(batch_words, n - i * batch_words), words);
    }
  });
}

// The same from where the source is, which moves on.
template <class Use>
void draw(std::int64_t n, RandomSource source, const Use& use) {
  each_run(n, source.key, *source.counter, use);
  *source.counter += (n + 3) / 4;
}

// y[i] = convert(word of i)
template <class T, class Convert>
void each_word(std::int64_t n, RandomSource source, T* y, const Convert& convert) {
  draw(n, source, [&](std::int64_t first, std::int64_t count, const std::uint32_t* words) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) y[first + j] = convert(words[j]);
  });
}

// `value` with probability p, else 0. A product, not a choice: half of the branches would be
// guessed wrong.
float drawn(std::uint32_t word, float p, float value) {
  return static_cast<float>(unit_float(word) < p) * value;
}

float slope_of(const DropoutShape& s) {
  return s.activation == Activation::leaky_relu ? s.slope : 1.0f;
}

}  // namespace

void uniform(Stream&, std::int64_t n, RandomSource source, float low, float high, float* y) {
  each_word(n, source, y, [=](std::uint32_t word) { return uniform_float(word, low, high); });
}

void normal(Stream&, std::int64_t n, RandomSource source, float mean, float deviation, float* y) {
  draw(n, source, [=](std::int64_t first, std::int64_t count, const std::uint32_t* words) {
    for (std::int64_t j = 0; j < count; j += 2) {
      const float u = 1.0f - unit_float(words[j]);  // (0, 1]: the logarithm is finite
      const float radius = std::sqrt(-2.0f * std::log(u));
      const float angle = 2.0f * std::numbers::pi_v<float> * unit_float(words[j + 1]);
      y[first + j] = mean + deviation * (radius * std::cos(angle));
      if (j + 1 < count) y[first + j + 1] = mean + deviation * (radius * std::sin(angle));
    }
  });
}

void bernoulli(Stream&, std::int64_t n, RandomSource source, float p, float value, float* y) {
  each_word(n, source, y, [=](std::uint32_t word) { return drawn(word, p, value); });
}

void uniform_index(Stream&, std::int64_t n, RandomSource source, std::int32_t bound,
                   std::int32_t* y) {
  each_word(n, source, y, [=](std::uint32_t word) {
    return static_cast<std::int32_t>((std::uint64_t{word} * static_cast<std::uint32_t>(bound)) >>
                                     32);
  });
}

void dropout(Stream&, const DropoutShape& s, RandomSource source, const float* x, float* y,
             std::int64_t* start) {
  *start = *source.counter;
  const float keep = s.keep, slope = slope_of(s);
  draw(s.n, source, [=](std::int64_t first, std::int64_t count, const std::uint32_t* words) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j)
      y[first + j] = functor::leaky_relu(x[first + j], slope) * drawn(words[j], keep, 1.0f / keep);
  });
}

void dropout_grad(Stream&, const DropoutShape& s, std::uint64_t key, const std::int64_t* start,
                  const float* x, const float* gy, float* gx) {
  const float keep = s.keep, slope = slope_of(s);
  if (s.activation == Activation::none) x = gy;  // whose sign changes nothing at slope 1
  each_run(s.n, key, *start,
           [=](std::int64_t first, std::int64_t count, const std::uint32_t* words) {
#pragma omp simd
             for (std::int64_t j = 0; j < count; ++j)
               gx[first + j] = gy[first + j] * drawn(words[j], keep, 1.0f / keep) *
                               functor::leaky_relu_slope(x[first + j], slope);
           });
}

void advance(Stream&, std::int64_t by, std::int64_t* counter) { *counter += by; }

}  // namespace ganymede::kernels::cpu
