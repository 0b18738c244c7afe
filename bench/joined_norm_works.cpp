// Batch norm of maps side by side, as the layers of a dense block read them.

#include <fmt/core.h>

#include <ganymede/kernels/norm.h>
#include <ganymede/kernels/pointwise.h>

#include "works.h"

namespace ganymede::bench {
namespace {

using Operands = std::vector<float*>;

/// All maps lie in o[0] one behind another, their gradients likewise, and of all channels the means
/// in o[2], the variances in o[3].
std::vector<kernels::NormPiece> pieces(const BenchShape& b, const Operands& o, float* gradients) {
  std::vector<kernels::NormPiece> all;
  std::int64_t channel = 0;
  for (const int width : b.maps) {
    all.push_back({o[0] + b.norm.rows * channel, width, o[2] + channel, o[3] + channel,
                   gradients ? gradients + b.norm.rows * channel : nullptr});
    channel += width;
  }
  return all;
}

/// "64 + 5 x 32"
std::string text(const std::vector<int>& widths) {
  std::string all;
  for (std::size_t i = 0, next = 0; i < widths.size(); i = next) {
    while (next < widths.size() && widths[next] == widths[i]) ++next;
    const std::string width = std::to_string(widths[i]);
    all += (i == 0 ? "" : " + ") + (next - i > 1 ? fmt::format("{} x {}", next - i, width) : width);
  }
  return all;
}

Work work(const char* op, const BenchShape& b, std::vector<std::int64_t> buffers,
          std::function<void(Stream&, const Operands&)> run) {
  Work w{op,
         b.layer,
         fmt::format("{}x({})", b.norm.rows, text(b.maps)),
         0,
         0,
         std::move(buffers),
         std::move(run)};
  for (const std::int64_t n : w.buffers) w.bytes += 4.0 * static_cast<double>(n);
  w.prepare = [c = b.norm.channels](Stream& stream, const Operands& o) {
    kernels::fill(stream, c, 1.0f, o[3]);  // a variance is not negative
  };
  w.count = b.count;
  return w;
}

}  // namespace

std::vector<Work> joined_norm_works(const BenchShape& b) {
  const std::int64_t c = b.norm.channels, n = b.norm.rows * c;
  return {work("joined_batch_norm", b, {n, n, c, c, c, c},
               [b](Stream& stream, const Operands& o) {
                 kernels::joined_batch_norm(stream, b.norm, pieces(b, o, nullptr), o[4], o[5], o[1],
                                            {});
               }),
          work("joined_batch_norm grad", b, {n, n, c, c, c, c, n, c, c},
               [b](Stream& stream, const Operands& o) {
                 kernels::joined_batch_norm_grad(stream, b.norm, pieces(b, o, o[6]), o[4], o[5],
                                                 o[1], o[7], o[8]);
               })};
}

}  // namespace ganymede::bench
