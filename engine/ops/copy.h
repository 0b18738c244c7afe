#pragma once
// Joining, cutting and picking. All throw ShapeError where extents, axes or ranges do not fit, and
// UsageError for an index or labels that are not i32.

#include <ganymede/engine/var.h>

namespace ganymede {

/// Joins along the last axis; all other extents equal.
Var concat(const Vars& xs);
/// Channels [begin, end) of the last axis.
Var slice_channels(const Var& x, std::int64_t begin, std::int64_t end);
/// Entries [begin, end) of the first axis; shares memory.
Var slice_rows(const Var& x, std::int64_t begin, std::int64_t end);
/// Joins along the first axis.
Var concat_rows(const Vars& xs);
/// x[index[i]] * scale + shift as f32, from any dtype; no derivative (see `take_rows`). The index
/// has one axis; without one (an empty tensor) all rows come in order. It lies on the device, where
/// nothing can be thrown: an index outside of x's rows gives a row of NaN.
Tensor gather(const Tensor& x, const Tensor& index, float scale = 1.0f, float shift = 0.0f);
/// Rows of an f32 Var by index; differentiable. An index outside gives a row of NaN too, which no
/// gradient flows back from.
Var take_rows(const Var& x, const Tensor& index);
/// rows x classes, `on` at the label, `off` elsewhere; a label outside of [0, classes) gives `off`
/// alone. Labels have one axis.
Tensor one_hot(const Tensor& labels, int classes, float on = 1.0f, float off = 0.0f);
/// Swaps axes `a` and `a + 1`.
Var swap_axes(const Var& x, int a);

}  // namespace ganymede
