#include "shapes.h"

namespace ganymede::bench {
namespace {

/// Square image, square kernel, 'same' padding of total kernel - stride (Keras: the larger half at
/// the bottom and right).
kernels::ConvShape same_conv(int batch, int extent, int channels, int filters, int kernel,
                             int stride) {
  const int pad = kernel > stride ? kernel - stride : 0;
  kernels::ConvShape s;
  s.batch = batch;
  s.height = s.width = extent;
  s.channels = channels;
  s.filters = filters;
  s.kernel_h = s.kernel_w = kernel;
  s.stride_h = s.stride_w = stride;
  s.pad_top = s.pad_left = pad / 2;
  s.pad_bottom = s.pad_right = pad - pad / 2;
  return s;
}

class List {
 public:
  List(std::string network, int batch) : network_(std::move(network)), batch_(batch) {}

  void conv(int extent, int channels, int filters, int kernel, int stride) {
    BenchShape s = next(LayerKind::conv);
    s.conv = same_conv(batch_, extent, channels, filters, kernel, stride);
    items.push_back(std::move(s));
  }
  /// `extent` is that of the (larger) output.
  void conv_transpose(int extent, int channels, int filters, int kernel, int stride) {
    BenchShape s = next(LayerKind::conv_transpose);
    s.conv = same_conv(batch_, extent, filters, channels, kernel, stride);
    items.push_back(std::move(s));
  }
  void linear(int inputs, int outputs) {
    BenchShape s = next(LayerKind::linear);
    s.linear = {batch_, outputs, inputs};
    items.push_back(std::move(s));
  }
  void norm(int extent, int channels) {
    BenchShape s = next(LayerKind::batch_norm);
    s.norm = {std::int64_t{batch_} * extent * extent, channels, 1e-3f,
              kernels::Activation::leaky_relu, 0.1f};
    items.push_back(std::move(s));
  }

  std::vector<BenchShape> items;

 private:
  BenchShape next(LayerKind kind) {
    BenchShape s{};
    s.kind = kind;
    s.layer = network_ + "/" + std::to_string(items.size() + 1);
    return s;
  }

  std::string network_;
  int batch_;
};

std::vector<BenchShape> generator(int batch) {
  List g("headct-dcgan32/G", batch);
  g.linear(100, 32768);
  g.norm(1, 32768);
  g.conv(16, 128, 128, 5, 1);
  g.norm(16, 128);
  g.conv_transpose(32, 128, 128, 4, 2);
  g.norm(32, 128);
  g.conv(32, 128, 128, 5, 1);
  g.conv(32, 128, 1, 5, 1);
  return g.items;
}

std::vector<BenchShape> discriminator(int batch) {
  List d("headct-dcgan32/D", batch);
  d.conv(32, 1, 128, 3, 1);
  d.norm(32, 128);
  d.conv(32, 128, 128, 4, 2);
  d.conv(16, 128, 128, 4, 2);
  d.conv(8, 128, 128, 4, 2);
  d.norm(4, 128);
  d.linear(2048, 1);
  return d.items;
}

/// ResNet-50 at 128 x 128 (He et al. 2016, table 1): one of each distinct convolution.
std::vector<BenchShape> classifier(int batch) {
  List r("headct-dcgan32/ResNet-50", batch);
  r.conv(128, 3, 64, 7, 2);
  int extent = 32, channels = 64;
  for (const int width : {64, 128, 256, 512}) {
    r.conv(extent, channels, width, 1, 1);
    r.conv(extent, width, width, 3, 1);
    r.conv(extent, width, 4 * width, 1, 1);
    channels = 4 * width;
    extent /= 2;
  }
  r.linear(2048, 2);
  return r.items;
}

}  // namespace

std::vector<BenchShape> shapes(int batch) {
  std::vector<BenchShape> all = generator(batch);
  for (auto* network : {discriminator, classifier})
    for (BenchShape& s : network(batch)) all.push_back(std::move(s));
  return all;
}

}  // namespace ganymede::bench
