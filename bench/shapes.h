#pragma once
// The shapes that the benches time: those of the layers of the recipes' networks.

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/gemm.h>
#include <ganymede/kernels/norm.h>
#include <ganymede/models/gan.h>
#include <ganymede/models/recipe.h>

namespace ganymede::bench {

enum class LayerKind : std::uint8_t { conv, conv_transpose, linear, batch_norm, joined_batch_norm };

/// One layer of a network at a given batch. Only the member of its kind counts. The conv of a
/// transposed convolution is the one whose input gradient it is; the shape of a linear layer is its
/// forward product.
struct BenchShape {
  LayerKind kind;
  std::string layer;  ///< "headct-dcgan32/D/conv2d"
  kernels::ConvShape conv{};
  kernels::GemmShape linear{};
  kernels::BatchNormShape norm{};
  std::vector<int> maps{};  ///< channels of each that a joined batch norm reads
  int count = 1;  ///< how many layers of the network have this shape; `layer` is the first
};

/// A GAN that a recipe trains.
struct BenchGan {
  std::string name;  ///< "headct-dcgan32"
  GanOptions options;
  int n_critic;
};
/// That of [gan]; one that is told the class knows `classes` of them.
BenchGan gan_of(const Recipe& recipe, int classes);
/// The AnoGAN of [detect].
BenchGan detector_of(const Recipe& recipe);
/// Whether the recipe is about one.
bool has_detector(const Recipe& recipe);

/// The two networks of a GAN; a batch of 0 is its own.
struct GanShapes {
  std::vector<BenchShape> generator, discriminator;
};
GanShapes gan_shapes(const BenchGan& gan, int batch);

/// Of the recipe's images; 3 where it takes them as they are stored.
int channels_of(const Recipe& recipe);

/// One of the recipe's classifiers, for two classes; a batch of 0 is the recipe's own.
std::vector<BenchShape> classifier_shapes(const Recipe& recipe, const std::string& network,
                                          int batch);

/// Every shipped recipe's GAN, for two classes, its detector and classifiers, at a batch of 0 each
/// at its own.
std::vector<BenchShape> shapes(int batch);

}  // namespace ganymede::bench
