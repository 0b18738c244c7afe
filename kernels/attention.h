#pragma once
// Dot-product attention without a matrix of queries times keys in memory: keys are taken tile by
// tile with a running maximum and sum (online softmax), and the backward recomputes each tile of
// probabilities from the rows' log-sum-exp (FlashAttention, Dao et al. 2022). Sums are f32 in every
// math mode.

#include <ganymede/kernels/dispatch.h>

namespace ganymede::kernels {

/// Per sample: queries x depth, keys x depth, values keys x channels, result queries x channels;
/// all dense. Every extent is positive.
struct AttentionShape {
  int batch = 1, queries = 1, keys = 1, depth = 1, channels = 1;
  float scale = 1.0f;  ///< of the scores; 1 in SAGAN, 1 / sqrt(depth) in a transformer
};

/// o_i = sum_j p_ij v_j with p_i = softmax over j of scale <q_i, k_j>.
/// log_sum [batch x queries] is an output: log sum_j exp(scale <q_i, k_j>).
using Attention = void(Stream&, const AttentionShape&, const float* q, const float* k,
                       const float* v, float* o, float* log_sum);
/// Gradients for go, from the inputs and what the forward gave. With d_ij = scale p_ij (<go_i, v_j>
/// - <go_i, o_i>): gq_i = sum_j d_ij k_j, gk_j = sum_i d_ij q_i, gv_j = sum_i p_ij go_i. Any of
/// them may be null where nobody wants it. No output may be one of the inputs.
using AttentionGrad = void(Stream&, const AttentionShape&, const float* q, const float* k,
                           const float* v, const float* o, const float* log_sum, const float* go,
                           float* gq, float* gk, float* gv);

namespace cpu {
Attention attention;
AttentionGrad attention_grad;
}  // namespace cpu
namespace cuda {
Attention attention;
AttentionGrad attention_grad;
}  // namespace cuda

inline constexpr Kernel<Attention, cpu::attention, cuda::attention> attention;
inline constexpr Kernel<AttentionGrad, cpu::attention_grad, cuda::attention_grad> attention_grad;

}  // namespace ganymede::kernels
