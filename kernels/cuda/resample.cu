// Pooling, padding and resizing of NHWC images. Every kernel gathers: a thread owns one element of
// its output (channels fastest, so that neighbouring threads read neighbouring memory) and visits
// the inputs that reach it in a fixed order. The adjoints find, for an input pixel, the range of
// output pixels that read it; no scatter, no atomics. The warps are in warp.cu.

#include <cmath>

#include <ganymede/kernels/resample.h>
#include <ganymede/kernels/cuda/image.cuh>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

// ---- windows -----------------------------------------------------------------------------------

struct Range {
  int begin, end;
};

/// Input pixels of window p along one axis, clipped to the image.
__device__ Range window(int p, int stride, int pad, int size, int extent) {
  const int first = p * stride - pad;
  return {first > 0 ? first : 0, first + size < extent ? first + size : extent};
}

/// Windows along one axis that contain input pixel h.
__device__ Range windows_over(int h, int stride, int pad, int size, int count) {
  const int past = h + pad - size;  // windows that start at or before it have ended
  const int begin = past < 0 ? 0 : past / stride + 1;
  const int last = (h + pad) / stride;
  return {begin, last + 1 < count ? last + 1 : count};
}

/// y = max over the window, index = its first pixel that has it
__global__ void __launch_bounds__(threads)
    max_pool_kernel(PoolShape s, const float* x, float* y, std::int32_t* index) {
  const Image out{s.batch, s.out_height(), s.out_width(), s.channels};
  const Image in{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    const Place at = out.place(i);
    const Range rows = window(at.row, s.stride_h, s.pad_top, s.window_h, s.height);
    const Range columns = window(at.column, s.stride_w, s.pad_left, s.window_w, s.width);
    float best = -INFINITY;
    int where = -1;
    for (int h = rows.begin; h < rows.end; ++h)
      for (int w = columns.begin; w < columns.end; ++w) {
        const float v = x[in.offset(at.image, h, w, at.channel)];
        // A NaN is taken and then kept, so that it shows.
        if (where >= 0 && !(v > best || v != v)) continue;
        best = v;
        where = h * s.width + w;
      }
    y[i] = best;
    index[i] = where;
  }
}

/// y[n,p,q,c] = x[n, index[n,p,q,c], c]; an empty window (index -1) gives 0
__global__ void __launch_bounds__(threads)
    pool_take_kernel(PoolShape s, const float* x, const std::int32_t* index, float* y) {
  const Image out{s.batch, s.out_height(), s.out_width(), s.channels};
  const std::int64_t pixels = static_cast<std::int64_t>(s.height) * s.width;
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    const Place at = out.place(i);
    y[i] = index[i] < 0 ? 0.0f : x[(at.image * pixels + index[i]) * s.channels + at.channel];
  }
}

/// x[n, pixel, c] = sum of y over the windows around the pixel that chose it
__global__ void __launch_bounds__(threads)
    pool_put_kernel(PoolShape s, const float* y, const std::int32_t* index, float* x) {
  const Image in{s.batch, s.height, s.width, s.channels};
  const Image out{s.batch, s.out_height(), s.out_width(), s.channels};
  for (std::int64_t i = grid_first(); i < in.size(); i += grid_stride()) {
    const Place at = in.place(i);
    const int pixel = at.row * s.width + at.column;
    const Range rows = windows_over(at.row, s.stride_h, s.pad_top, s.window_h, out.height);
    const Range columns = windows_over(at.column, s.stride_w, s.pad_left, s.window_w, out.width);
    float sum = 0.0f;
    for (int p = rows.begin; p < rows.end; ++p)
      for (int q = columns.begin; q < columns.end; ++q) {
        const std::int64_t j = out.offset(at.image, p, q, at.channel);
        if (index[j] == pixel) sum += y[j];
      }
    x[i] = sum;
  }
}

/// What the average of window (rows, columns) divides by.
__device__ float divisor(const PoolShape& s, Range rows, Range columns) {
  if (s.count_include_pad) return static_cast<float>(s.window_h * s.window_w);
  const int valid = (rows.end - rows.begin) * (columns.end - columns.begin);
  return static_cast<float>(valid > 1 ? valid : 1);
}

/// y = sum over the window / divisor
__global__ void __launch_bounds__(threads) avg_pool_kernel(PoolShape s, const float* x, float* y) {
  const Image out{s.batch, s.out_height(), s.out_width(), s.channels};
  const Image in{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    const Place at = out.place(i);
    const Range rows = window(at.row, s.stride_h, s.pad_top, s.window_h, s.height);
    const Range columns = window(at.column, s.stride_w, s.pad_left, s.window_w, s.width);
    float sum = 0.0f;
    for (int h = rows.begin; h < rows.end; ++h)
      for (int w = columns.begin; w < columns.end; ++w)
        sum += x[in.offset(at.image, h, w, at.channel)];
    y[i] = sum / divisor(s, rows, columns);
  }
}

/// gx = sum over the windows around the pixel of gy / divisor
__global__ void __launch_bounds__(threads)
    avg_pool_grad_kernel(PoolShape s, const float* gy, float* gx) {
  const Image in{s.batch, s.height, s.width, s.channels};
  const Image out{s.batch, s.out_height(), s.out_width(), s.channels};
  for (std::int64_t i = grid_first(); i < in.size(); i += grid_stride()) {
    const Place at = in.place(i);
    const Range rows = windows_over(at.row, s.stride_h, s.pad_top, s.window_h, out.height);
    const Range columns = windows_over(at.column, s.stride_w, s.pad_left, s.window_w, out.width);
    float sum = 0.0f;
    for (int p = rows.begin; p < rows.end; ++p)
      for (int q = columns.begin; q < columns.end; ++q) {
        const Range h = window(p, s.stride_h, s.pad_top, s.window_h, s.height);
        const Range w = window(q, s.stride_w, s.pad_left, s.window_w, s.width);
        sum += gy[out.offset(at.image, p, q, at.channel)] / divisor(s, h, w);
      }
    gx[i] = sum;
  }
}

/// y[p, q] = x[p - top, q - left] where that exists, else 0
__global__ void __launch_bounds__(threads) pad_kernel(PadShape s, const float* x, float* y) {
  const Image out{s.batch, s.out_height(), s.out_width(), s.channels};
  const Image in{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    const Place at = out.place(i);
    const int h = at.row - s.top, w = at.column - s.left;
    const bool inside = h >= 0 && h < s.height && w >= 0 && w < s.width;
    y[i] = inside ? x[in.offset(at.image, h, w, at.channel)] : 0.0f;
  }
}

// ---- resizing ----------------------------------------------------------------------------------

__device__ int nearest_source(int p, int extent, int out_extent) {
  return static_cast<int>(static_cast<std::int64_t>(p) * extent / out_extent);
}

/// The outputs p with nearest_source(p) = h.
__device__ Range nearest_outputs(int h, int extent, int out_extent) {
  const auto first = [&](std::int64_t at) {
    return static_cast<int>(ceil_div<std::int64_t>(at * out_extent, extent));
  };
  return {first(h), first(h + 1)};
}

__global__ void __launch_bounds__(threads)
    upsample_nearest_kernel(ResizeShape s, const float* x, float* y) {
  const Image out{s.batch, s.out_height, s.out_width, s.channels};
  const Image in{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    const Place at = out.place(i);
    y[i] = x[in.offset(at.image, nearest_source(at.row, s.height, s.out_height),
                       nearest_source(at.column, s.width, s.out_width), at.channel)];
  }
}

__global__ void __launch_bounds__(threads)
    upsample_nearest_grad_kernel(ResizeShape s, const float* gy, float* gx) {
  const Image in{s.batch, s.height, s.width, s.channels};
  const Image out{s.batch, s.out_height, s.out_width, s.channels};
  for (std::int64_t i = grid_first(); i < in.size(); i += grid_stride()) {
    const Place at = in.place(i);
    const Range rows = nearest_outputs(at.row, s.height, s.out_height);
    const Range columns = nearest_outputs(at.column, s.width, s.out_width);
    float sum = 0.0f;
    for (int p = rows.begin; p < rows.end; ++p)
      for (int q = columns.begin; q < columns.end; ++q)
        sum += gy[out.offset(at.image, p, q, at.channel)];
    gx[i] = sum;
  }
}

/// The two source pixels of output p along one axis, and the second one's weight.
struct Taps {
  int low, high;
  float share;
  __device__ float weight_of(int pixel) const {
    return (low == pixel ? 1.0f - share : 0.0f) + (high == pixel ? share : 0.0f);
  }
};
__device__ Taps bilinear_taps(int p, int extent, int out_extent) {
  const float scale = static_cast<float>(extent) / static_cast<float>(out_extent);
  const float source = (static_cast<float>(p) + 0.5f) * scale - 0.5f;
  const float clamped = source > 0.0f ? source : 0.0f;
  const int floor = static_cast<int>(clamped);
  const int low = floor < extent - 1 ? floor : extent - 1;
  return {low, low + 1 < extent ? low + 1 : extent - 1, clamped - static_cast<float>(floor)};
}

/// Outputs that may read pixel h; a margin of one absorbs rounding, the weights decide.
__device__ Range bilinear_outputs(int h, int extent, int out_extent) {
  const float scale = static_cast<float>(out_extent) / static_cast<float>(extent);
  const int low = static_cast<int>((static_cast<float>(h) - 0.5f) * scale - 0.5f) - 1;
  const int high = static_cast<int>((static_cast<float>(h) + 1.5f) * scale - 0.5f) + 2;
  return {h == 0 || low < 0 ? 0 : low, h == extent - 1 || high > out_extent ? out_extent : high};
}

__global__ void __launch_bounds__(threads)
    resize_bilinear_kernel(ResizeShape s, const float* x, float* y) {
  const Image out{s.batch, s.out_height, s.out_width, s.channels};
  const Image in{s.batch, s.height, s.width, s.channels};
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    const Place at = out.place(i);
    const Taps h = bilinear_taps(at.row, s.height, s.out_height);
    const Taps w = bilinear_taps(at.column, s.width, s.out_width);
    const auto row = [&](int r) {
      return (1.0f - w.share) * x[in.offset(at.image, r, w.low, at.channel)] +
             w.share * x[in.offset(at.image, r, w.high, at.channel)];
    };
    y[i] = (1.0f - h.share) * row(h.low) + h.share * row(h.high);
  }
}

__global__ void __launch_bounds__(threads)
    resize_bilinear_grad_kernel(ResizeShape s, const float* gy, float* gx) {
  const Image in{s.batch, s.height, s.width, s.channels};
  const Image out{s.batch, s.out_height, s.out_width, s.channels};
  for (std::int64_t i = grid_first(); i < in.size(); i += grid_stride()) {
    const Place at = in.place(i);
    const Range rows = bilinear_outputs(at.row, s.height, s.out_height);
    const Range columns = bilinear_outputs(at.column, s.width, s.out_width);
    float sum = 0.0f;
    for (int p = rows.begin; p < rows.end; ++p) {
      const float wh = bilinear_taps(p, s.height, s.out_height).weight_of(at.row);
      if (wh == 0.0f) continue;
      for (int q = columns.begin; q < columns.end; ++q) {
        const float ww = bilinear_taps(q, s.width, s.out_width).weight_of(at.column);
        if (ww != 0.0f) sum += wh * ww * gy[out.offset(at.image, p, q, at.channel)];
      }
    }
    gx[i] = sum;
  }
}

/// Launches a kernel that gives a thread to each of `count` elements.
template <class... Params, class... Args>
void over(Stream& stream, std::int64_t count, void (*kernel)(Params...), const Args&... args) {
  if (count > 0) launch(stream, grid_for(count, threads, 1u << 16), threads, 0, kernel, args...);
}

template <class Shape>
std::int64_t elements_in(const Shape& s) {
  return Image{s.batch, s.height, s.width, s.channels}.size();
}
std::int64_t elements_out(const PoolShape& s) {
  return Image{s.batch, s.out_height(), s.out_width(), s.channels}.size();
}
std::int64_t elements_out(const ResizeShape& s) {
  return Image{s.batch, s.out_height, s.out_width, s.channels}.size();
}

}  // namespace

void max_pool(Stream& stream, const PoolShape& s, const float* x, float* y, std::int32_t* index) {
  over(stream, elements_out(s), max_pool_kernel, s, x, y, index);
}
void pool_take(Stream& stream, const PoolShape& s, const float* x, const std::int32_t* index,
               float* y) {
  over(stream, elements_out(s), pool_take_kernel, s, x, index, y);
}
void pool_put(Stream& stream, const PoolShape& s, const float* y, const std::int32_t* index,
              float* x) {
  over(stream, elements_in(s), pool_put_kernel, s, y, index, x);
}
void avg_pool(Stream& stream, const PoolShape& s, const float* x, float* y) {
  over(stream, elements_out(s), avg_pool_kernel, s, x, y);
}
void avg_pool_grad(Stream& stream, const PoolShape& s, const float* gy, float* gx) {
  over(stream, elements_in(s), avg_pool_grad_kernel, s, gy, gx);
}
void pad2d(Stream& stream, const PadShape& s, const float* x, float* y) {
  over(stream, Image{s.batch, s.out_height(), s.out_width(), s.channels}.size(), pad_kernel, s, x,
       y);
}
void upsample_nearest(Stream& stream, const ResizeShape& s, const float* x, float* y) {
  over(stream, elements_out(s), upsample_nearest_kernel, s, x, y);
}
void upsample_nearest_grad(Stream& stream, const ResizeShape& s, const float* gy, float* gx) {
  over(stream, elements_in(s), upsample_nearest_grad_kernel, s, gy, gx);
}
void resize_bilinear(Stream& stream, const ResizeShape& s, const float* x, float* y) {
  over(stream, elements_out(s), resize_bilinear_kernel, s, x, y);
}
void resize_bilinear_grad(Stream& stream, const ResizeShape& s, const float* gy, float* gx) {
  over(stream, elements_in(s), resize_bilinear_grad_kernel, s, gy, gx);
}

}  // namespace ganymede::kernels::cuda
