#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/reduce.h>

#include <algorithm>
#include <cmath>

namespace ganymede::kernels::cpu {

void row_max(Stream&, std::int64_t rows, std::int64_t width, const float* x, float* y,
             std::int32_t* index) {
  parallel_for(rows, row_grain(width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* row = x + i * width;
      const std::int64_t best = std::max_element(row, row + width) - row;
      if (y) y[i] = row[best];
      if (index) index[i] = static_cast<std::int32_t>(best);
    }
  });
}

void log_softmax(Stream&, std::int64_t rows, std::int64_t width, const float* x, float* y) {
  parallel_for(rows, row_grain(8 * width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* row = x + i * width;
      const float top = *std::max_element(row, row + width);
      double sum = 0.0;
      for (std::int64_t j = 0; j < width; ++j) sum += double{std::exp(row[j] - top)};
      const auto log_sum = static_cast<float>(std::log(sum));
      for (std::int64_t j = 0; j < width; ++j) y[i * width + j] = row[j] - top - log_sum;
    }
  });
}

void log_softmax_grad(Stream&, std::int64_t rows, std::int64_t width, const float* y,
                      const float* g, float* gx) {
  parallel_for(rows, row_grain(8 * width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t at = i * width;
      double sum = 0.0;
      for (std::int64_t j = 0; j < width; ++j) sum += double{g[at + j]};
      const auto total = static_cast<float>(sum);
      for (std::int64_t j = 0; j < width; ++j) gx[at + j] = g[at + j] - std::exp(y[at + j]) * total;
    }
  });
}

}  // namespace ganymede::kernels::cpu
