// One Philox block gives four elements; blocks are independent, so that any split of the blocks
// over threads gives the same numbers.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/pointwise.h>
#include <ganymede/kernels/random.h>

#include <algorithm>
#include <cmath>
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

// Whole batches are converted word by word, so that vectors do it.
template <class T, class Convert>
void each_word(std::int64_t n, RandomSource source, T* y, const Convert& convert) {
  const auto counter = static_cast<std::uint64_t>(*source.counter);
  constexpr std::int64_t size = 4 * batch;
  parallel_for(
      (n + size - 1) / size, grain_elements / size, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          const Words words = draw(counter + static_cast<std::uint64_t>(i * batch), source.key);
          T by_word[4][batch], out[size];
          for (int word = 0; word < 4; ++word)
#pragma omp simd
            for (int lane = 0; lane < batch; ++lane)
              by_word[word][lane] = convert(words.v[word][lane]);
          for (int lane = 0; lane < batch; ++lane)
            for (int word = 0; word < 4; ++word) out[4 * lane + word] = by_word[word][lane];
          std::copy_n(out, std::min(size, n - i * size), y + i * size);
        }
      });
  *source.counter += (n + 3) / 4;
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
  // A product, not a choice: half of the branches would be guessed wrong.
  each_word(n, source, y,
            [=](std::uint32_t word) { return static_cast<float>(unit_float(word) < p) * value; });
}

void uniform_index(Stream&, std::int64_t n, RandomSource source, std::int32_t bound,
                   std::int32_t* y) {
  each_word(n, source, y, [=](std::uint32_t word) {
    return static_cast<std::int32_t>((std::uint64_t{word} * static_cast<std::uint32_t>(bound)) >>
                                     32);
  });
}

void dropout(Stream& stream, std::int64_t n, RandomSource source, float keep, const float* x,
             float* y, float* mask) {
  bernoulli(stream, n, source, keep, 1.0f / keep, mask);
  mul(stream, n, x, mask, y);
}

void advance(Stream&, std::int64_t by, std::int64_t* counter) { *counter += by; }

}  // namespace ganymede::kernels::cpu
