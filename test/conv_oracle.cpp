#include "test/conv_oracle.h"

namespace ganymede::test {
namespace {

/// Calls f(index in x, index in w, index in y) for every product of the trilinear form.
template <class F>
void for_products(const kernels::ConvShape& s, const F& f) {
  const int per_group = s.channels / s.groups, filters = s.filters / s.groups;
  std::int64_t o = 0;
  for (int n = 0; n < s.batch; ++n)
    for (int p = 0; p < s.out_height(); ++p)
      for (int q = 0; q < s.out_width(); ++q)
        for (int k = 0; k < s.filters; ++k, ++o)
          for (int r = 0; r < s.kernel_h; ++r)
            for (int t = 0; t < s.kernel_w; ++t) {
              const int h = p * s.stride_h - s.pad_top + r * s.dilation_h;
              const int v = q * s.stride_w - s.pad_left + t * s.dilation_w;
              if (h < 0 || v < 0 || h >= s.height || v >= s.width) continue;
              const std::int64_t x = ((std::int64_t{n} * s.height + h) * s.width + v) * s.channels +
                                     k / filters * per_group;
              const std::int64_t w =
                  ((std::int64_t{k} * s.kernel_h + r) * s.kernel_w + t) * per_group;
              for (int c = 0; c < per_group; ++c) f(x + c, w + c, o);
            }
}

}  // namespace

Shape image_of(const kernels::ConvShape& s) { return {s.batch, s.height, s.width, s.channels}; }
Shape weights_of(const kernels::ConvShape& s) {
  return {s.filters, s.kernel_h, s.kernel_w, s.channels / s.groups};
}
Shape output_of(const kernels::ConvShape& s) {
  return {s.batch, s.out_height(), s.out_width(), s.filters};
}

DArray conv2d_oracle(const kernels::ConvShape& s, const DArray& x, const DArray& w) {
  DArray y(output_of(s));
  for_products(s, [&](auto i, auto j, auto o) { y[o] += x[i] * w[j]; });
  return y;
}

DArray input_grad_oracle(const kernels::ConvShape& s, const DArray& gy, const DArray& w) {
  DArray gx(image_of(s));
  for_products(s, [&](auto i, auto j, auto o) { gx[i] += gy[o] * w[j]; });
  return gx;
}

DArray weight_grad_oracle(const kernels::ConvShape& s, const DArray& x, const DArray& gy) {
  DArray gw(weights_of(s));
  for_products(s, [&](auto i, auto j, auto o) { gw[j] += x[i] * gy[o]; });
  return gw;
}

DArray add_channels(DArray y, const DArray& bias) {
  for (std::int64_t i = 0; i < y.elements(); ++i) y[i] += bias[i % bias.elements()];
  return y;
}

}  // namespace ganymede::test
