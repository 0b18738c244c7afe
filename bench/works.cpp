#include "works.h"

#include <fmt/core.h>

#include <array>
#include <numeric>
#include <set>

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/optimizer.h>
#include <ganymede/kernels/pointwise.h>

namespace ganymede::bench {
namespace {

using Operands = std::vector<float*>;

Work work(std::string op, std::string layer, std::string shape, double flops,
          std::vector<std::int64_t> buffers, std::function<void(Stream&, const Operands&)> run) {
  Work w{std::move(op), std::move(layer),   std::move(shape), flops,
         0.0,           std::move(buffers), std::move(run)};
  w.bytes = 4.0 * static_cast<double>(
                      std::accumulate(w.buffers.begin(), w.buffers.end(), std::int64_t{0}));
  return w;
}

std::string text(const kernels::ConvShape& s) {
  return fmt::format("{}x{}x{}x{} -> {}, {}x{} s{}", s.batch, s.height, s.width, s.channels,
                     s.filters, s.kernel_h, s.kernel_w, s.stride_h);
}

/// x, w, y of a conv.
std::vector<std::int64_t> operands(const kernels::ConvShape& s) {
  return {std::int64_t{s.batch} * s.height * s.width * s.channels, s.weights(),
          std::int64_t{s.batch} * s.out_height() * s.out_width() * s.filters};
}

Work contraction(kernels::Contraction kind, const BenchShape& b, const char* op,
                 std::function<void(Stream&, const Operands&)> run) {
  Work w = work(op, b.layer, text(b.conv), b.conv.flops(), operands(b.conv), std::move(run));
  w.contraction = {.contraction = kind, .conv = b.conv};
  w.count = b.count;
  return w;
}

Work forward(const BenchShape& b, const char* op) {
  return contraction(kernels::Contraction::forward, b, op,
                     [s = b.conv](Stream& stream, const Operands& o) {
                       kernels::conv2d(stream, s, o[0], o[1], o[2], {}, {});
                     });
}
Work input_grad(const BenchShape& b, const char* op) {
  const bool transposed = b.kind == LayerKind::conv_transpose;
  return contraction(kernels::Contraction::input_grad, b, op,
                     [s = b.conv, transposed](Stream& stream, const Operands& o) {
                       if (transposed)
                         return kernels::conv_transpose2d(stream, s, o[2], o[1], o[0], {});
                       kernels::conv2d_input_grad(stream, s, o[2], o[1], o[0], {});
                     });
}
Work weight_grad(const BenchShape& b, const char* op) {
  return contraction(kernels::Contraction::weight_grad, b, op,
                     [s = b.conv](Stream& stream, const Operands& o) {
                       kernels::conv2d_weight_grad(stream, s, o[0], o[2], o[1], nullptr);
                     });
}

Work product(std::string op, std::string layer, const kernels::GemmShape& s) {
  const double flops =
      2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k);
  Work w = work(std::move(op), std::move(layer),
                fmt::format("{}x{}x{}{}{}", s.m, s.n, s.k, s.transpose_a ? " At" : "",
                            s.transpose_b ? " Bt" : ""),
                flops, {s.m * s.k, s.k * s.n, s.m * s.n}, [s](Stream& stream, const Operands& o) {
                  kernels::gemm(stream, s, o[0], o[1], o[2], {});
                });
  w.contraction = {.contraction = kernels::gemm_contraction(s.transpose_a, s.transpose_b),
                   .gemm = s};
  return w;
}

void add_linear(std::vector<Work>& all, const BenchShape& b) {
  const auto [m, n, k, ta, tb] = b.linear;
  const auto add = [&](const char* op, const kernels::GemmShape& s) {
    all.push_back(product(op, b.layer, s));
    all.back().count = b.count;
  };
  add("linear", {m, n, k, false, false});
  add("linear input grad", {m, k, n, false, true});
  add("linear weight grad", {k, n, m, true, false});
}

void add_norm(std::vector<Work>& all, const BenchShape& b) {
  const kernels::BatchNormShape s = b.norm;
  const std::string shape = fmt::format("{}x{}", s.rows, s.channels);
  const std::int64_t n = s.rows * s.channels, c = s.channels;
  all.push_back(work(
      "batch_norm", b.layer, shape, 0, {n, n, c, c, c, c}, [s](Stream& stream, const Operands& o) {
        kernels::batch_norm(stream, s, o[0], o[2], o[3], nullptr, o[1], o[4], o[5], {});
      }));
  Work grad = work("batch_norm grad", b.layer, shape, 0, {n, n, n, c, c, c, c, c, c},
                   [s](Stream& stream, const Operands& o) {
                     kernels::batch_norm_grad(stream, s, o[0], o[3], o[4], o[5], o[6], o[1], o[2],
                                              o[7], o[8]);
                   });
  grad.prepare = [c](Stream& stream, const Operands& o) {
    kernels::fill(stream, c, 1.0f, o[6]);  // a variance is not negative
  };
  all.push_back(std::move(grad));
}

/// Ten tensors, as a network has them: value, gradient and two moments each.
Work adam(std::int64_t parameters) {
  static constexpr std::int64_t first_step = 1;
  constexpr int tensors = 10;
  const std::int64_t n = parameters / tensors;
  std::vector<std::int64_t> buffers(4 * tensors, n);
  buffers.push_back(1);  // learning rate
  buffers.push_back(2);  // step, 64 bits
  Work w = work("adam", "headct-dcgan32/G", fmt::format("{} tensors of {}", tensors, n), 0,
                std::move(buffers), [n](Stream& stream, const Operands& o) {
                  std::array<kernels::ParameterSlot, tensors> slots{};
                  for (std::size_t i = 0; i < tensors; ++i)
                    slots[i] = {o[4 * i], o[4 * i + 1], o[4 * i + 2], o[4 * i + 3], n};
                  kernels::adam(stream, slots, {}, o[4 * tensors],
                                reinterpret_cast<std::int64_t*>(o[4 * tensors + 1]));
                });
  w.prepare = [n](Stream& stream, const Operands& o) {
    for (std::size_t i = 0; i < tensors; ++i)  // a second moment is not negative
      kernels::abs(stream, n, o[4 * i + 3], o[4 * i + 3]);
    kernels::fill(stream, 1, 1e-4f, o[4 * tensors]);
    copy_to_device(stream, o[4 * tensors + 1], &first_step, sizeof first_step);
  };
  return w;
}

std::vector<Work> layer_works(int batch) {
  std::vector<Work> all;
  for (const BenchShape& b : shapes(batch)) {
    switch (b.kind) {
      case LayerKind::conv:
      case LayerKind::conv_transpose: {
        ConvWorks conv = conv_works(b);
        for (Work* w : {&conv.forward, &conv.input_grad, &conv.weight_grad})
          all.push_back(std::move(*w));
        break;
      }
      case LayerKind::linear:
        add_linear(all, b);
        break;
      case LayerKind::batch_norm:
        add_norm(all, b);
        break;
      case LayerKind::joined_batch_norm:
        for (Work& w : joined_norm_works(b)) all.push_back(std::move(w));
        break;
    }
  }
  return all;
}

}  // namespace

Work large_product(std::int64_t extent) {
  return product("gemm", "ceiling", {extent, extent, extent, false, false});
}

Work large_copy(std::int64_t elements) {
  return work("affine", "ceiling", fmt::format("{}", elements), 0, {elements, elements},
              [elements](Stream& stream, const Operands& o) {
                kernels::affine(stream, elements, o[0], 2.0f, 1.0f, o[1]);
              });
}

ConvWorks conv_works(const BenchShape& b) {
  if (b.kind == LayerKind::conv)
    return {forward(b, "conv2d"), input_grad(b, "conv2d input grad"),
            weight_grad(b, "conv2d weight grad")};
  return {input_grad(b, "conv_transpose2d"), forward(b, "conv_transpose2d input grad"),
          weight_grad(b, "conv_transpose2d weight grad")};
}

std::string text_of(const Work& w) { return w.op + " " + w.layer + " " + w.shape; }

std::vector<std::string> parts_of(const std::vector<Work>& works) {
  std::set<std::string> parts;
  for (const Work& w : works) {
    const std::size_t network = w.layer.find('/', w.layer.find('/') + 1);
    parts.insert(' ' +
                 (network == std::string::npos ? w.layer + ' ' : w.layer.substr(0, network + 1)));
  }
  return {parts.begin(), parts.end()};
}

std::vector<Work> contractions(int batch) {
  std::vector<Work> all = layer_works(batch);
  std::erase_if(all, [](const Work& w) { return !w.contraction; });
  return all;
}

std::vector<Work> works(int batch) {
  std::vector<Work> all = layer_works(batch);
  for (Work& w : iagan_works(batch)) all.push_back(std::move(w));
  for (Work& w : frechet_works()) all.push_back(std::move(w));
  all.push_back(adam(4870785));
  all.push_back(large_copy(std::int64_t{1} << 22));
  return all;
}

}  // namespace ganymede::bench
