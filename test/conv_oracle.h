#pragma once
// Convolution and its two gradients as plain loops in double. All arrays dense.

#include <ganymede/kernels/conv.h>

#include "test/oracle.h"

namespace ganymede::test {

Shape image_of(const kernels::ConvShape& s);
Shape weights_of(const kernels::ConvShape& s);
Shape output_of(const kernels::ConvShape& s);

DArray conv2d_oracle(const kernels::ConvShape& s, const DArray& x, const DArray& w);
DArray input_grad_oracle(const kernels::ConvShape& s, const DArray& gy, const DArray& w);
DArray weight_grad_oracle(const kernels::ConvShape& s, const DArray& x, const DArray& gy);

/// y[..., c] + bias[c]
DArray add_channels(DArray y, const DArray& bias);

}  // namespace ganymede::test
