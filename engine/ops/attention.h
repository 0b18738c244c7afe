#pragma once

#include <ganymede/engine/var.h>

namespace ganymede {

/// Dot-product attention of each sample: q is N x Lq x D, k is N x Lk x D, v is N x Lk x C, the
/// result N x Lq x C with row i the mean of v's rows weighted by softmax over j of scale <q_i, k_j>
/// (Vaswani et al. 2017; scale 1: Zhang et al. 2019, SAGAN). Forward and backward are fused and
/// take memory linear in Lq and Lk; derivatives beyond the first hold one sample's Lq x Lk
/// matrices and take the stream's math mode. All extents are positive.
Var attention(const Var& q, const Var& k, const Var& v, float scale = 1.0f);

}  // namespace ganymede
