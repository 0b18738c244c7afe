#include <ganymede/kernels/copy.h>
#include <ganymede/kernels/cpu/parallel.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace ganymede::kernels::cpu {
namespace {

constexpr std::int64_t square = 32;  // edge of the blocks of a transpose

void copy_run(bool accumulate, std::int64_t n, const float* from, float* to) {
  if (!accumulate) {
    std::copy_n(from, n, to);
    return;
  }
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) to[i] += from[i];
}

template <class T>
void gather_as(const GatherRows& s, const T* x, const std::int32_t* index, float* y) {
  parallel_for(s.rows, row_grain(s.width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t source = index ? index[i] : i;
      float* to = y + i * s.width;
      if (source < 0 || source >= s.source_rows) {
        std::fill_n(to, s.width, std::numeric_limits<float>::quiet_NaN());
        continue;
      }
      const T* from = x + source * s.width;
#pragma omp simd
      for (std::int64_t j = 0; j < s.width; ++j)
        to[j] = s.scale * static_cast<float>(from[j]) + s.shift;
    }
  });
}

/// Calls body(part's row, its row within wide, channels) for all rows of all parts.
template <class T, class Body>
void for_parts(std::int64_t rows, std::span<const ColumnPart<T>> parts, const Body& body) {
  std::int64_t width = 0;
  for (const ColumnPart<T>& part : parts) width += part.channels;
  parallel_for(rows, row_grain(width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::int64_t at = row * width;
      for (const ColumnPart<T>& part : parts) {
        if (part.data) body(part.data + row * part.channels, at, part.channels);
        at += part.channels;
      }
    }
  });
}

// Columns [first, last) of a rows x columns matrix become rows, in squares that stay in cache.
void transpose_band(const Transpose& t, std::int64_t first, std::int64_t last, const float* x,
                    float* y) {
  for (std::int64_t k = 0; k < t.rows; k += square)
    for (std::int64_t j = first; j < last; ++j)
      for (std::int64_t i = k; i < std::min(k + square, t.rows); ++i)
        y[j * t.rows + i] = x[i * t.columns + j];
}

}  // namespace

void copy_columns(Stream&, const Columns& c, const float* from, float* to) {
  if (c.from_stride == c.width && c.to_stride == c.width) {
    parallel_for(c.rows * c.width, grain_elements, [&](std::int64_t begin, std::int64_t end) {
      copy_run(c.accumulate, end - begin, from + begin, to + begin);
    });
    return;
  }
  parallel_for(c.rows, row_grain(c.width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      copy_run(c.accumulate, c.width, from + i * c.from_stride, to + i * c.to_stride);
  });
}

void join_columns(Stream&, std::int64_t rows, std::span<const ColumnPart<const float>> parts,
                  float* wide) {
  for_parts(rows, parts, [wide](const float* part, std::int64_t at, std::int64_t channels) {
    std::copy_n(part, channels, wide + at);
  });
}

void split_columns(Stream&, std::int64_t rows, std::span<const ColumnPart<float>> parts,
                   const float* wide) {
  for_parts(rows, parts, [wide](float* part, std::int64_t at, std::int64_t channels) {
    std::copy_n(wide + at, channels, part);
  });
}

void gather(Stream&, const GatherRows& s, const void* x, const std::int32_t* index, float* y) {
  switch (s.type) {
    case DType::f32:
      return gather_as(s, static_cast<const float*>(x), index, y);
    case DType::u8:
      return gather_as(s, static_cast<const std::uint8_t*>(x), index, y);
    case DType::u16:
      return gather_as(s, static_cast<const std::uint16_t*>(x), index, y);
    case DType::i32:
      return gather_as(s, static_cast<const std::int32_t*>(x), index, y);
    case DType::i64:
      return gather_as(s, static_cast<const std::int64_t*>(x), index, y);
  }
}

// Parts are column ranges: each thread walks all rows in order, so that sums keep their order.
void scatter(Stream&, const GatherRows& s, const float* g, const std::int32_t* index, float* y) {
  parallel_for(
      s.width, row_grain(s.rows + s.source_rows), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 0; i < s.source_rows; ++i)
          std::fill(y + i * s.width + begin, y + i * s.width + end, 0.0f);
        for (std::int64_t i = 0; i < s.rows; ++i) {
          const std::int64_t target = index ? index[i] : i;
          if (target < 0 || target >= s.source_rows) continue;
          copy_run(true, end - begin, g + i * s.width + begin, y + target * s.width + begin);
        }
      });
}

void one_hot(Stream&, std::int64_t rows, int classes, float on, float off,
             const std::int32_t* label, float* y) {
  parallel_for(rows, row_grain(classes), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      for (int j = 0; j < classes; ++j) y[i * classes + j] = j == label[i] ? on : off;
  });
}

void transpose(Stream&, const Transpose& t, const float* x, float* y) {
  const std::int64_t matrix = t.rows * t.columns * t.inner;
  if (t.inner == 1) {
    const std::int64_t bands = (t.columns + square - 1) / square;
    parallel_for(t.outer * bands, row_grain(t.rows * square),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) {
                     const std::int64_t first = i % bands * square;
                     transpose_band(t, first, std::min(first + square, t.columns),
                                    x + i / bands * matrix, y + i / bands * matrix);
                   }
                 });
    return;
  }
  // Each (image, column) of x becomes a run of rows in y.
  const std::int64_t run = t.rows * t.inner;
  parallel_for(t.outer * t.columns, row_grain(run), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* from = x + i / t.columns * matrix + i % t.columns * t.inner;
      for (std::int64_t k = 0; k < t.rows; ++k)
        std::copy_n(from + k * t.columns * t.inner, t.inner, y + i * run + k * t.inner);
    }
  });
}

}  // namespace ganymede::kernels::cpu
