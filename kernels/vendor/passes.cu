// to[r, c] = activation(from[r, c] scale[c] + shift[c]): a thread per element, channels fastest.

#include <ganymede/kernels/vendor/passes.h>

#include <ganymede/kernels/cuda/contraction.cuh>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::vendor {
namespace {

constexpr unsigned threads = 256;

/// Null scale: 1; null shift: 0.
struct Map {
  const float *scale = nullptr, *shift = nullptr;
  Activation activation = Activation::none;
  float slope = 0.0f;

  bool is_identity() const { return !scale && !shift && activation == Activation::none; }
};

__global__ void __launch_bounds__(threads) map_rows(Rows s, Map map, const float* from, float* to) {
  for (std::int64_t i = cuda::grid_first(); i < s.rows * s.channels; i += cuda::grid_stride()) {
    const std::int64_t row = i / s.channels, c = i - row * s.channels;
    float v = from[row * s.from_stride + c];
    if (map.scale) v *= __ldg(map.scale + c);
    if (map.shift) v += __ldg(map.shift + c);
    to[row * s.to_stride + c] = functor::activate(v, map.activation, map.slope);
  }
}

void run(Stream& stream, const Rows& s, const Map& map, const float* from, float* to) {
  if (s.rows > 0 && s.channels > 0)
    cuda::launch(stream, cuda::grid_for(s.rows * s.channels, threads), threads, 0, map_rows, s, map,
                 from, to);
}

}  // namespace

void apply_prologue(Stream& stream, const Rows& s, const Prologue& p, const float* from,
                    float* to) {
  run(stream, s, p.scale ? Map{p.scale, p.shift, p.activation, p.slope} : Map{}, from, to);
}

void apply_epilogue(Stream& stream, const Rows& s, const Epilogue& e, const float* from,
                    float* to) {
  const cuda::Finish now = cuda::fused_part(e, true);
  const Map map{nullptr, now.bias, now.activation, now.slope};
  if (from != to || !map.is_identity()) run(stream, s, map, from, to);
  cuda::complete(stream, e, true, s.rows, s.channels, s.to_stride, to);
}

void bias_grad(Stream& stream, std::int64_t rows, std::int64_t channels, const float* gy,
               float* gbias) {
  cuda::column_sums(stream, rows, channels, channels, gy, gbias);
}

}  // namespace ganymede::kernels::vendor
