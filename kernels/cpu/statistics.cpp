#include <ganymede/kernels/cpu/column_chunks.h>
#include <ganymede/kernels/cpu/statistics.h>
#include <ganymede/kernels/memory.h>

namespace ganymede::kernels::cpu {
namespace {

void sum_chunk(std::int64_t rows, std::int64_t stride, const float* x, int count, float* to) {
  Strip sum = Strip::of(0.0f);
  for (std::int64_t row = 0; row < rows; ++row) {
    const Strip value = read_row(x, row, stride, count);
    for (int i = 0; i < strip_vectors; ++i) sum.v[i] = sum.v[i] + value.v[i];
  }
  sum.write(to);
}

// Sums of d and d^2 for d = x - (first row of the chunk): the shift keeps the digits of a small
// variance beside a large mean.
void moment_chunk(std::int64_t rows, std::int64_t stride, const float* x, int count, float* first,
                  float* second) {
  const Strip shift = Strip::read(x, count);
  Strip sum = Strip::of(0.0f), square = sum;
  for (std::int64_t row = 1; row < rows; ++row) {
    const Strip value = read_row(x, row, stride, count);
    for (int i = 0; i < strip_vectors; ++i) {
      const Vec d = value.v[i] - shift.v[i];
      sum.v[i] = sum.v[i] + d;
      square.v[i] = fma(d, d, square.v[i]);
    }
  }
  sum.write(first);
  square.write(second);
}

}  // namespace

void column_sums(Stream& stream, std::int64_t rows, std::int64_t channels, std::int64_t stride,
                 const float* x, float* sum) {
  const std::int64_t fold = stride == channels ? fold_of(rows, channels) : 1;
  const std::int64_t lines = rows / fold, line = channels * fold;
  const std::int64_t width = round_up(line, strip), chunks = chunks_of(lines);
  const Block block = allocate(stream, static_cast<std::size_t>(chunks * width) * sizeof(float));
  auto* partial = static_cast<float*>(block.data());
  for_chunks(lines, line,
             [&](std::int64_t chunk, std::int64_t begin, std::int64_t end, std::int64_t channel,
                 int count) {
               sum_chunk(end - begin, stride * fold, x + begin * stride * fold + channel, count,
                         partial + chunk * width + channel);
             });
  parallel_for(channels, row_grain(chunks * fold), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      double total = 0.0;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
        for (std::int64_t column = c; column < line; column += channels)
          total += double{partial[chunk * width + column]};
      sum[c] = static_cast<float>(total);
    }
  });
}

void column_statistics(Stream& stream, std::int64_t rows, std::int64_t channels, const float* x,
                       float* mean, float* variance) {
  const std::int64_t fold = fold_of(rows, channels), lines = rows / fold, line = channels * fold;
  const std::int64_t width = round_up(line, strip), chunks = chunks_of(lines);
  const Block block =
      allocate(stream, static_cast<std::size_t>(2 * chunks * width) * sizeof(float));
  auto* first = static_cast<float*>(block.data());
  float* second = first + chunks * width;
  for_chunks(lines, line,
             [&](std::int64_t chunk, std::int64_t begin, std::int64_t end, std::int64_t channel,
                 int count) {
               moment_chunk(end - begin, line, x + begin * line + channel, count,
                            first + chunk * width + channel, second + chunk * width + channel);
             });
  const std::int64_t size = chunk_rows(lines);
  parallel_for(channels, row_grain(chunks * fold), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      // Chan, Golub & LeVeque 1979: moments of two groups combined.
      double n = 0.0, average = 0.0, squares = 0.0;
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
        for (std::int64_t column = c; column < line; column += channels) {
          const auto m = static_cast<double>(std::min(size, lines - chunk * size));
          const double sum = double{first[chunk * width + column]};
          const double delta = double{x[chunk * size * line + column]} + sum / m - average;
          squares += double{second[chunk * width + column]} - sum * sum / m +
                     delta * delta * n * m / (n + m);
          n += m;
          average += delta * m / n;
        }
      mean[c] = static_cast<float>(average);
      variance[c] = static_cast<float>(std::max(squares, 0.0) / n);
    }
  });
}

}  // namespace ganymede::kernels::cpu
