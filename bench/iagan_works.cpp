// Attention and SSIM at the shapes of the augmentation GAN of paper 002: 64 x 64 images, attention
// over 16 x 16 and 8 x 8 positions (SAGAN's: queries of an eighth of the channels), and one long
// sequence.

#include <fmt/core.h>

#include <ganymede/kernels/attention.h>
#include <ganymede/kernels/metric.h>

#include "works.h"

namespace ganymede::bench {
namespace {

using Operands = std::vector<float*>;

double bytes_of(const std::vector<std::int64_t>& buffers) {
  double bytes = 0;
  for (const std::int64_t n : buffers) bytes += 4.0 * static_cast<double>(n);
  return bytes;
}

/// Multiply-adds times two of `depths` products over depth and `channels` over channels.
double attention_flops(const kernels::AttentionShape& s, double depths, double channels) {
  return 2.0 * s.batch * s.queries * s.keys * (depths * s.depth + channels * s.channels);
}

/// q, k, v, o, log_sum.
std::vector<std::int64_t> attention_operands(const kernels::AttentionShape& s) {
  const std::int64_t n = s.batch;
  return {n * s.queries * s.depth, n * s.keys * s.depth, n * s.keys * s.channels,
          n * s.queries * s.channels, n * s.queries};
}

std::string text(const kernels::AttentionShape& s) {
  return fmt::format("{} of {} x {}, D {}, C {}", s.batch, s.queries, s.keys, s.depth, s.channels);
}

void run_attention(Stream& stream, const kernels::AttentionShape& s, const Operands& o) {
  kernels::attention(stream, s, o[0], o[1], o[2], o[3], o[4]);
}

void add_attention(std::vector<Work>& all, const char* layer, const kernels::AttentionShape& s) {
  Work forward{"attention",
               layer,
               text(s),
               attention_flops(s, 1, 1),
               0,
               attention_operands(s),
               [s](Stream& stream, const Operands& o) { run_attention(stream, s, o); }};
  forward.bytes = bytes_of(forward.buffers);
  Work grad = forward;
  grad.op = "attention grad", grad.flops = attention_flops(s, 3, 2);  // without recomputation
  for (const int i : {3, 0, 1, 2})                                    // go, gq, gk, gv
    grad.buffers.push_back(grad.buffers[static_cast<std::size_t>(i)]);
  grad.bytes = bytes_of(grad.buffers);
  grad.prepare = [s](Stream& stream, const Operands& o) { run_attention(stream, s, o); };
  grad.run = [s](Stream& stream, const Operands& o) {
    kernels::attention_grad(stream, s, o[0], o[1], o[2], o[3], o[4], o[5], o[6], o[7], o[8]);
  };
  all.push_back(std::move(forward));
  all.push_back(std::move(grad));
}

void add_ssim(std::vector<Work>& all, const char* layer, const kernels::SsimShape& s) {
  const std::int64_t n = std::int64_t{s.batch} * s.height * s.width * s.channels;
  const std::string shape = fmt::format("{}x{}x{}x{}", s.batch, s.height, s.width, s.channels);
  Work forward{"ssim", layer, shape, 0, 0, {n, n, s.batch}, [s](Stream& stream, const Operands& o) {
                 kernels::ssim(stream, s, o[0], o[1], o[2]);
               }};
  forward.bytes = bytes_of(forward.buffers);
  Work grad{"ssim grad",
            layer,
            shape,
            0,
            0,
            {n, n, s.batch, n, n},
            [s](Stream& stream, const Operands& o) {
              kernels::ssim_grad(stream, s, o[0], o[1], o[2], o[3], o[4]);
            }};
  grad.bytes = bytes_of(grad.buffers);
  all.push_back(std::move(forward));
  all.push_back(std::move(grad));
}

}  // namespace

std::vector<Work> iagan_works(int batch) {
  const int n = batch > 0 ? batch : 16;
  std::vector<Work> all;
  add_attention(all, "iagan64/16x16", {n, 256, 256, 16, 128});
  add_attention(all, "iagan64/8x8", {n, 64, 64, 32, 256});
  add_attention(all, "long", {1, 4096, 4096, 16, 128});
  add_ssim(all, "iagan64", {n, 64, 64, 1});
  return all;
}

}  // namespace ganymede::bench
