#pragma once
// The shapes that the bench times: those of the recipes' layers.

#include <string>
#include <vector>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/norm.h>

namespace ganymede::bench {

enum class LayerKind : std::uint8_t { conv, conv_transpose, linear, batch_norm };

/// One layer of a network at a given batch. Only the member of its kind counts. The conv of a
/// transposed convolution is the one whose input gradient it is; the shape of a linear layer is its
/// forward product.
struct BenchShape {
  LayerKind kind;
  std::string layer;  ///< "headct-dcgan32/D/2"
  kernels::ConvShape conv{};
  kernels::GemmShape linear{};
  kernels::BatchNormShape norm{};
};

/// The layers of the paper's DCGAN of recipe headct-dcgan32 (Shastri & Ganesh; 4,870,785 and
/// 791,169 trainable parameters) and the distinct convolutions of its classifier, ResNet-50.
std::vector<BenchShape> shapes(int batch);

}  // namespace ganymede::bench
