// Batch norm of a dense block's maps, as the last layer of each block of a DenseNet-121 reads them
// from images of 64 x 64 (paper 001): the block's input and 32 channels of every layer before.

#include <fmt/core.h>

#include <ganymede/kernels/norm.h>
#include <ganymede/kernels/pointwise.h>

#include "works.h"

namespace ganymede::bench {
namespace {

using Operands = std::vector<float*>;

struct Maps {
  std::int64_t rows, first;
  int layers;
  static constexpr std::int64_t growth = 32;

  std::int64_t width(int map) const { return map == 0 ? first : growth; }
  std::int64_t channels() const { return first + layers * growth; }
  kernels::BatchNormShape shape() const {
    return {rows, channels(), 1e-5f, kernels::Activation::leaky_relu, 0.0f};
  }
  /// All maps lie in o[0] one behind another, their gradients likewise, and of all channels the
  /// means in o[2], the variances in o[3].
  std::vector<kernels::NormPiece> pieces(const Operands& o, float* gradients) const {
    std::vector<kernels::NormPiece> all;
    std::int64_t channel = 0;
    for (int map = 0; map <= layers; channel += width(map++))
      all.push_back({o[0] + rows * channel, width(map), o[2] + channel, o[3] + channel,
                     gradients ? gradients + rows * channel : nullptr});
    return all;
  }
};

Work work(const char* op, const Maps& m, std::vector<std::int64_t> buffers,
          std::function<void(Stream&, const Operands&)> run) {
  Work w{op,
         "densenet121",
         fmt::format("{}x({} + {} x {})", m.rows, m.first, m.layers, Maps::growth),
         0,
         0,
         std::move(buffers),
         std::move(run)};
  for (const std::int64_t n : w.buffers) w.bytes += 4.0 * static_cast<double>(n);
  w.prepare = [c = m.channels()](Stream& stream, const Operands& o) {
    kernels::fill(stream, c, 1.0f, o[3]);  // a variance is not negative
  };
  return w;
}

void add(std::vector<Work>& all, const Maps& m) {
  const std::int64_t c = m.channels(), n = m.rows * c;
  all.push_back(
      work("joined_batch_norm", m, {n, n, c, c, c, c}, [m](Stream& stream, const Operands& o) {
        kernels::joined_batch_norm(stream, m.shape(), m.pieces(o, nullptr), o[4], o[5], o[1], {});
      }));
  all.push_back(work("joined_batch_norm grad", m, {n, n, c, c, c, c, n, c, c},
                     [m](Stream& stream, const Operands& o) {
                       kernels::joined_batch_norm_grad(stream, m.shape(), m.pieces(o, o[6]), o[4],
                                                       o[5], o[1], o[7], o[8]);
                     }));
}

}  // namespace

std::vector<Work> joined_norm_works(int batch) {
  std::vector<Work> all;
  const std::int64_t images = batch > 0 ? batch : 64;
  add(all, {images * 16 * 16, 64, 5});
  add(all, {images * 8 * 8, 128, 11});
  add(all, {images * 4 * 4, 256, 23});
  add(all, {images * 2 * 2, 512, 15});
  return all;
}

}  // namespace ganymede::bench
