#pragma once

#include <ganymede/engine/var.h>

namespace ganymede {

/// Joins along the last axis; all other extents equal.
Var concat(const Vars& xs);
/// Channels [begin, end) of the last axis.
Var slice_channels(const Var& x, std::int64_t begin, std::int64_t end);
/// Entries [begin, end) of the first axis.
Var slice_rows(const Var& x, std::int64_t begin, std::int64_t end);
/// Joins along the first axis.
Var concat_rows(const Vars& xs);
/// x[index[i]] * scale + shift as f32, from any dtype; no derivative (see `take_rows`).
Tensor gather(const Tensor& x, const Tensor& index, float scale = 1.0f, float shift = 0.0f);
/// Rows of an f32 Var by index (i32); differentiable.
Var take_rows(const Var& x, const Tensor& index);
/// rows x classes, `on` at the label, `off` elsewhere.
Tensor one_hot(const Tensor& labels, int classes, float on = 1.0f, float off = 0.0f);
/// Swaps axes `a` and `a + 1`.
Var swap_axes(const Var& x, int a);

}  // namespace ganymede
