// The plan of a tiled product on its stream, and the second pass of epilogues.

#include <ganymede/kernels/cuda/contraction.cuh>

#include <limits>
#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/stream_state.h>
#include <ganymede/kernels/cuda/fold.cuh>

namespace ganymede::kernels::cuda {
namespace {

constexpr unsigned threads = 256;

/// y = activation(y), rows `stride` apart; a thread per element, channels fastest.
__global__ void __launch_bounds__(threads)
    activate_columns(std::int64_t rows, std::int64_t channels, std::int64_t stride,
                     Activation activation, float slope, float* y) {
  for (std::int64_t i = grid_first(); i < rows * channels; i += grid_stride()) {
    const std::int64_t row = i / channels;
    float& v = y[row * stride + (i - row * channels)];
    v = functor::activate(v, activation, slope);
  }
}

bool waits(const Epilogue& e, bool thin) {
  const bool cheap = e.activation == Activation::none || e.activation == Activation::leaky_relu;
  return e.activation != Activation::none && (e.mean || !(cheap || thin));
}

}  // namespace

ProductPlan plan_on(Stream& stream, const Product& product, bool for_warpgroups) {
  const auto state = state_of(stream);
  return plan_product(product, state->hardware, stream.math_mode(), state->table.get(),
                      for_warpgroups);
}

int multiprocessors(Stream& stream) { return state_of(stream)->hardware.multiprocessors; }

bool on_tensor_cores(Stream& stream) {
  return kernels::on_tensor_cores(state_of(stream)->hardware, stream.math_mode());
}

bool adds_in_cluster(Stream& stream, const ProductPlan& plan) {
  return kernels::adds_in_cluster(state_of(stream)->hardware, stream.math_mode(), plan);
}

int checked_extent(std::int64_t n, const char* op) {
  if (n > std::numeric_limits<int>::max() - 256)
    throw ShapeError(std::string(op) + ": an extent of " + std::to_string(n) +
                     " is above what one product takes (2^31); split the batch");
  return static_cast<int>(n);
}

Finish fused_part(const Epilogue& e, bool thin) {
  if (waits(e, thin)) return {e.bias, Activation::none, 0.0f};
  return {e.bias, e.activation, e.slope};
}

void complete(Stream& stream, const Epilogue& e, bool thin, std::int64_t rows,
              std::int64_t channels, std::int64_t stride, float* y) {
  if (e.mean) column_moments(stream, rows, channels, stride, y, e.mean, e.variance);
  if (waits(e, thin) && rows * channels > 0)
    launch(stream, grid_for(rows * channels, threads), threads, 0, activate_columns, rows, channels,
           stride, e.activation, e.slope, y);
}

}  // namespace ganymede::kernels::cuda
