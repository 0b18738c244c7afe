// One Philox block gives four elements; blocks are independent, so that any split of the blocks
// over threads gives the same numbers.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/random.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace ganymede::kernels::cpu {
namespace {

constexpr int batch = 16;  // blocks drawn together, one per vector lane

struct Words {
  std::uint32_t v[4][batch];
};

// Philox blocks first .. first + batch - 1, word by word, as `philox` gives them one by one.
Words draw(std::uint64_t first, std::uint64_t key) {
  Words words;
#pragma omp simd
  for (int lane = 0; lane < batch; ++lane) {
    const Philox4 block = philox(first + static_cast<std::uint64_t>(lane), key);
    for (int word = 0; word < 4; ++word) words.v[word][lane] = block.v[word];
  }
  return words;
}

// y[4 b + w] = convert(block b)[w]; `convert` turns the four words of a block into four outputs.
template <class T, class Convert>
void each_block(std::int64_t n, RandomSource source, T* y, const Convert& convert) {
  const auto counter = static_cast<std::uint64_t>(*source.counter);
  parallel_for((n + 3) / 4, grain_elements / 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = begin; first < end; first += batch) {
      const Words words = draw(counter + static_cast<std::uint64_t>(first), source.key);
      const std::int64_t last = std::min(end, first + batch);
      for (std::int64_t block = first; block < last; ++block) {
        T out[4];
        const std::int64_t lane = block - first;
        convert({{words.v[0][lane], words.v[1][lane], words.v[2][lane], words.v[3][lane]}}, out);
        for (std::int64_t i = 4 * block; i < std::min(n, 4 * block + 4); ++i)
          y[i] = out[i - 4 * block];
      }
    }
  });
  *source.counter += (n + 3) / 4;
}

// Word w of block b goes to 4 b + w: the transpose of a 4 x 16 matrix by shuffles.
void in_order(const Words& words, std::uint32_t* to) {
  using Row = std::uint32_t __attribute__((vector_size(sizeof words.v[0])));
  Row w[4], pairs[4], quads[4];
  std::memcpy(w, words.v, sizeof w);
  for (int half = 0; half < 2; ++half) {
    const Row a = w[2 * half], b = w[2 * half + 1];
    pairs[half] =
        __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    pairs[half + 2] =
        __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  for (int half = 0; half < 2; ++half) {
    const Row a = pairs[2 * half], b = pairs[2 * half + 1];
    quads[2 * half] =
        __builtin_shufflevector(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    quads[2 * half + 1] =
        __builtin_shufflevector(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
  }
  std::memcpy(to, quads, sizeof quads);
}

// Calls use(first, count, words) for runs that cover [0, n): words[j] is that of element first + j.
template <class Use>
void each_run(std::int64_t n, RandomSource source, const Use& use) {
  const auto counter = static_cast<std::uint64_t>(*source.counter);
  constexpr std::int64_t size = 4 * batch;
  parallel_for(
      (n + size - 1) / size, grain_elements / size, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          std::uint32_t words[size];
          in_order(draw(counter + static_cast<std::uint64_t>(i * batch), source.key), words);
          use(i * size, std::min(size, n - i * size), words);
        }
      });
  *source.counter += (n + 3) / 4;
}

// y[i] = convert(word of i)
template <class T, class Convert>
void each_word(std::int64_t n, RandomSource source, T* y, const Convert& convert) {
  each_run(n, source, [&](std::int64_t first, std::int64_t count, const std::uint32_t* words) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) y[first + j] = convert(words[j]);
  });
}

// `value` with probability p, else 0. A product, not a choice: half of the branches would be
// guessed wrong.
float drawn(std::uint32_t word, float p, float value) {
  return static_cast<float>(unit_float(word) < p) * value;
}

}  // namespace

void uniform(Stream&, std::int64_t n, RandomSource source, float low, float high, float* y) {
  each_word(n, source, y, [=](std::uint32_t word) { return uniform_float(word, low, high); });
}

void normal(Stream&, std::int64_t n, RandomSource source, float mean, float deviation, float* y) {
  each_block(n, source, y, [=](const Philox4& block, float* out) {
    for (int pair = 0; pair < 4; pair += 2) {
      const float u = 1.0f - unit_float(block.v[pair]);  // (0, 1]: the logarithm is finite
      const float radius = std::sqrt(-2.0f * std::log(u));
      const float angle = 2.0f * std::numbers::pi_v<float> * unit_float(block.v[pair + 1]);
      out[pair] = mean + deviation * (radius * std::cos(angle));
      out[pair + 1] = mean + deviation * (radius * std::sin(angle));
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

void dropout(Stream&, std::int64_t n, RandomSource source, float keep, const float* x, float* y,
             float* mask) {
  each_run(n, source, [=](std::int64_t first, std::int64_t count, const std::uint32_t* words) {
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) {
      const float m = drawn(words[j], keep, 1.0f / keep);
      mask[first + j] = m;
      y[first + j] = x[first + j] * m;
    }
  });
}

void advance(Stream&, std::int64_t by, std::int64_t* counter) { *counter += by; }

}  // namespace ganymede::kernels::cpu
