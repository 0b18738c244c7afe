// The emulator's cuDNN and cuBLAS: what they are asked for, as their documents define it.

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/vendor/libraries.h>
#include <ganymede/kernels/vendor/products.h>
#include <ganymede/kernels/cuda/launch.cuh>

namespace ganymede::kernels::vendor {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw DeviceError(std::string("emulated vendor library: ") + what);
}

bool aligned(const float* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 == 0; }

ConvShape shape_of(const DenseConv& d) {
  return {.batch = d.batch,
          .height = d.height,
          .width = d.width,
          .channels = d.channels,
          .filters = d.filters,
          .kernel_h = d.kernel_h,
          .kernel_w = d.kernel_w,
          .stride_h = d.stride_h,
          .stride_w = d.stride_w,
          .dilation_h = d.dilation_h,
          .dilation_w = d.dilation_w,
          .pad_top = d.pad_h,
          .pad_left = d.pad_w,
          .pad_bottom = d.pad_h,
          .pad_right = d.pad_w,
          .groups = d.groups};
}

__device__ float element(const ColumnMajor& m, const float* data, std::int64_t row,
                         std::int64_t column) {
  return m.transpose ? data[column + row * m.rows] : data[row + column * m.rows];
}

/// A thread per element of the result.
__global__ void __launch_bounds__(256)
    multiply_columns(ColumnMajorProduct p, std::int64_t depth, Operands o) {
  for (std::int64_t i = cuda::grid_first(); i < p.result.rows * p.result.columns;
       i += cuda::grid_stride()) {
    const std::int64_t column = i / p.result.rows, row = i - column * p.result.rows;
    float sum = 0.0f;
    for (std::int64_t k = 0; k < depth; ++k)
      sum += element(p.left, o.first, row, k) * element(p.right, o.second, k, column);
    o.result[row + column * p.result.rows] = sum;
  }
}

}  // namespace

void open_libraries() {}

void contract(Stream& stream, Contraction c, const DenseConv& d, const Operands& o) {
  const ConvShape s = shape_of(d);
  require(aligned(o.first) && aligned(o.second) && aligned(o.result), "an operand is misaligned");
  require(s.out_height() == d.out_height && s.out_width() == d.out_width,
          "the output's extents are not those of the convolution");
  switch (c) {
    case Contraction::forward:
      return cuda::conv2d(stream, s, o.first, o.second, o.result, {}, {});
    case Contraction::input_grad:
      return cuda::conv2d_input_grad(stream, s, o.second, o.first, o.result, {});
    default:
      return cuda::conv2d_weight_grad(stream, s, o.first, o.second, o.result, nullptr);
  }
}

void multiply(Stream& stream, const ColumnMajorProduct& p, const Operands& o) {
  const std::int64_t depth = p.left.transpose ? p.left.rows : p.left.columns;
  require(depth == (p.right.transpose ? p.right.columns : p.right.rows), "inner extents differ");
  cuda::launch(stream, cuda::grid_for(p.result.rows * p.result.columns, 256), 256, 0,
               multiply_columns, p, depth, o);
}

}  // namespace ganymede::kernels::vendor
