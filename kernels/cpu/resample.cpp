// Pooling, padding and nearest upsampling. Work is shared as (image, output row) pairs where
// outputs are independent, and as (image, block of channels) where contributions are scattered in
// order.

#include <ganymede/kernels/cpu/channel_blocks.h>
#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/cpu/simd.h>
#include <ganymede/kernels/resample.h>

#include <algorithm>
#include <limits>

namespace ganymede::kernels::cpu {
namespace {

std::int64_t in_size(const PoolShape& s) { return std::int64_t{s.height} * s.width * s.channels; }
std::int64_t out_pixels(const PoolShape& s) { return std::int64_t{s.out_height()} * s.out_width(); }

// The part of a window that lies on the image.
struct Window {
  int top, bottom, left, right;
  Window(const PoolShape& s, int p, int q)
      : top(std::max(p * s.stride_h - s.pad_top, 0)),
        bottom(std::min(p * s.stride_h - s.pad_top + s.window_h, s.height)),
        left(std::max(q * s.stride_w - s.pad_left, 0)),
        right(std::min(q * s.stride_w - s.pad_left + s.window_w, s.width)) {}

  float share(const PoolShape& s) const {
    const int count = s.count_include_pad ? s.window_h * s.window_w
                                          : std::max(0, bottom - top) * std::max(0, right - left);
    return count > 0 ? 1.0f / static_cast<float>(count) : 0.0f;
  }
};

// Calls body(n, p, q, first element of the output pixel) for all output pixels, rows in parallel.
template <class Body>
void for_pixels(const PoolShape& s, const Body& body) {
  const std::int64_t rows = std::int64_t{s.batch} * s.out_height();
  const std::int64_t work = std::int64_t{s.out_width()} * s.channels * s.window_h * s.window_w;
  parallel_for(rows, row_grain(work), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      for (int q = 0; q < s.out_width(); ++q)
        body(row / s.out_height(), static_cast<int>(row % s.out_height()), q,
             (row * s.out_width() + q) * s.channels);
  });
}

void max_of_window(const PoolShape& s, const Window& w, const float* x, float* y,
                   std::int32_t* index) {
  std::fill_n(y, s.channels, -std::numeric_limits<float>::infinity());
  const int first = std::min(w.top, s.height - 1) * s.width + std::min(w.left, s.width - 1);
  std::fill_n(index, s.channels, first);
  for (int i = w.top; i < w.bottom; ++i)
    for (int j = w.left; j < w.right; ++j) {
      const std::int32_t pixel = i * s.width + j;
      const float* from = x + std::int64_t{pixel} * s.channels;
#pragma omp simd
      for (int c = 0; c < s.channels; ++c) {
        // A NaN is taken and then kept, so that it shows.
        const bool better = from[c] > y[c] || from[c] != from[c];
        index[c] = better ? pixel : index[c];
        y[c] = better ? from[c] : y[c];
      }
    }
}

// Windows [first, last) over a position, counted from the edge of the padding.
struct Span {
  int first, last;
};
Span windows_over(int position, int window, int stride, int count) {
  return {std::max(0, (position - window + stride) / stride),
          std::min(count, position / stride + 1)};
}

// y = the sum of pixels of so many channels, each times its share: `each(add)` calls
// add(pixel, share) for all of them, once for each vector of channels.
template <class Each>
void sum_of_pixels(int channels, float* y, const Each& each) {
  for (int c = 0; c < channels; c += lanes) {
    const int count = std::min(channels - c, lanes);
    Vec sum = broadcast(0.0f);
    each([&](const float* pixel, float share) {
      const Vec value = count == lanes ? load(pixel + c) : load_part(pixel + c, count);
      sum = fma(value, broadcast(share), sum);
    });
    if (count == lanes)
      store(y + c, sum);
    else
      store_part(y + c, sum, count);
  }
}

}  // namespace

void max_pool(Stream&, const PoolShape& s, const float* x, float* y, std::int32_t* index) {
  for_pixels(s, [&](std::int64_t n, int p, int q, std::int64_t at) {
    max_of_window(s, Window(s, p, q), x + n * in_size(s), y + at, index + at);
  });
}

void pool_take(Stream&, const PoolShape& s, const float* x, const std::int32_t* index, float* y) {
  for_pixels(s, [&](std::int64_t n, int, int, std::int64_t at) {
    for (int c = 0; c < s.channels; ++c)
      y[at + c] = x[n * in_size(s) + std::int64_t{index[at + c]} * s.channels + c];
  });
}

void pool_put(Stream&, const PoolShape& s, const float* y, const std::int32_t* index, float* x) {
  for_channel_blocks(s.batch, s.channels, out_pixels(s), [&](std::int64_t n, int first, int last) {
    float* to = x + n * in_size(s);
    clear_channels(to, std::int64_t{s.height} * s.width, s.channels, first, last);
    for (std::int64_t pixel = 0; pixel < out_pixels(s); ++pixel) {
      const std::int64_t at = (n * out_pixels(s) + pixel) * s.channels;
      for (int c = first; c < last; ++c)
        to[std::int64_t{index[at + c]} * s.channels + c] += y[at + c];
    }
  });
}

void avg_pool(Stream&, const PoolShape& s, const float* x, float* y) {
  for_pixels(s, [&](std::int64_t n, int p, int q, std::int64_t at) {
    const Window w(s, p, q);
    const float* image = x + n * in_size(s);
    sum_of_pixels(s.channels, y + at, [&](const auto& add) {
      for (int i = w.top; i < w.bottom; ++i)
        for (int j = w.left; j < w.right; ++j)
          add(image + (std::int64_t{i} * s.width + j) * s.channels, w.share(s));
    });
  });
}

void avg_pool_grad(Stream&, const PoolShape& s, const float* gy, float* gx) {
  const std::int64_t rows = std::int64_t{s.batch} * s.height;
  const std::int64_t work = std::int64_t{s.width} * s.channels * s.window_h * s.window_w;
  parallel_for(rows, row_grain(work), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* image = gy + row / s.height * out_pixels(s) * s.channels;
      const Span p = windows_over(static_cast<int>(row % s.height) + s.pad_top, s.window_h,
                                  s.stride_h, s.out_height());
      for (int j = 0; j < s.width; ++j) {
        const Span q = windows_over(j + s.pad_left, s.window_w, s.stride_w, s.out_width());
        sum_of_pixels(s.channels, gx + (row * s.width + j) * s.channels, [&](const auto& add) {
          for (int u = p.first; u < p.last; ++u)
            for (int v = q.first; v < q.last; ++v)
              add(image + (std::int64_t{u} * s.out_width() + v) * s.channels,
                  Window(s, u, v).share(s));
        });
      }
    }
  });
}

void pad2d(Stream&, const PadShape& s, const float* x, float* y) {
  const std::int64_t rows = std::int64_t{s.batch} * s.out_height();
  const std::int64_t row_out = std::int64_t{s.out_width()} * s.channels;
  // Columns of y that x covers.
  const int first = std::max(s.left, 0), last = std::min(s.left + s.width, s.out_width());
  parallel_for(rows, row_grain(row_out), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t n = row / s.out_height(), i = row % s.out_height() - s.top;
      float* to = y + row * row_out;
      if (i < 0 || i >= s.height || first >= last) {
        std::fill_n(to, row_out, 0.0f);
        continue;
      }
      const float* from = x + ((n * s.height + i) * s.width + first - s.left) * s.channels;
      const std::int64_t count = std::int64_t{last - first} * s.channels;
      std::fill_n(to, std::int64_t{first} * s.channels, 0.0f);
      std::copy_n(from, count, to + std::int64_t{first} * s.channels);
      std::fill(to + std::int64_t{last} * s.channels, to + row_out, 0.0f);
    }
  });
}

void upsample_nearest(Stream&, const ResizeShape& s, const float* x, float* y) {
  const std::int64_t rows = std::int64_t{s.batch} * s.out_height;
  parallel_for(rows, row_grain(std::int64_t{s.out_width} * s.channels),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t row = begin; row < end; ++row) {
                   const std::int64_t n = row / s.out_height;
                   const std::int64_t i = row % s.out_height * s.height / s.out_height;
                   for (int q = 0; q < s.out_width; ++q) {
                     const std::int64_t j = std::int64_t{q} * s.width / s.out_width;
                     std::copy_n(x + ((n * s.height + i) * s.width + j) * s.channels, s.channels,
                                 y + (row * s.out_width + q) * s.channels);
                   }
                 }
               });
}

void upsample_nearest_grad(Stream&, const ResizeShape& s, const float* gy, float* gx) {
  const std::int64_t rows = std::int64_t{s.batch} * s.height;
  // Output q reads input floor(q width / out_width): input j feeds [first_of(j), first_of(j + 1)).
  const auto first_of = [](std::int64_t j, std::int64_t in, std::int64_t out) {
    return (j * out + in - 1) / in;
  };
  const std::int64_t work =
      std::int64_t{s.out_width} * s.channels * std::max<std::int64_t>(1, s.out_height / s.height);
  parallel_for(rows, row_grain(work), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t n = row / s.height, i = row % s.height;
      for (std::int64_t j = 0; j < s.width; ++j) {
        float* to = gx + (row * s.width + j) * s.channels;
        std::fill_n(to, s.channels, 0.0f);
        for (std::int64_t p = first_of(i, s.height, s.out_height);
             p < first_of(i + 1, s.height, s.out_height); ++p)
          for (std::int64_t q = first_of(j, s.width, s.out_width);
               q < first_of(j + 1, s.width, s.out_width); ++q) {
            const float* from = gy + ((n * s.out_height + p) * s.out_width + q) * s.channels;
#pragma omp simd
            for (int c = 0; c < s.channels; ++c) to[c] += from[c];
          }
      }
    }
  });
}

}  // namespace ganymede::kernels::cpu
