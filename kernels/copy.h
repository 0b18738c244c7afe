#pragma once
// Moving and converting data: rows, columns, types, labels.

#include <cstdint>
#include <span>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/dtype.h>

namespace ganymede::kernels {

/// A matrix copy: `rows` rows of `width` f32, row starts `from_stride` and `to_stride` f32 apart.
/// Channel slices are this. With `accumulate`, to += from.
struct Columns {
  std::int64_t rows, width, from_stride, to_stride;
  bool accumulate = false;
};
using CopyColumns = void(Stream&, const Columns&, const float* from, float* to);

/// One of several dense matrices, rows x channels, that stand side by side in a wider one.
template <class T>
struct ColumnPart {
  T* data;
  std::int64_t channels;
};
/// wide (rows x the sum of the parts' channels) = the parts side by side: channel concat.
using JoinColumns = void(Stream&, std::int64_t rows, std::span<const ColumnPart<const float>> parts,
                         float* wide);
/// Its adjoint: each part = its columns of wide. A part without data is left out.
using SplitColumns = void(Stream&, std::int64_t rows, std::span<const ColumnPart<float>> parts,
                          const float* wide);

/// y[i, :] = scale * x[index[i], :] + shift, with x of any dtype, y f32. `width` elements a row.
/// index null: rows in order. An index outside [0, source_rows) gives NaN rows, so that it shows.
struct GatherRows {
  std::int64_t rows, width, source_rows;
  DType type;
  float scale = 1.0f, shift = 0.0f;
};
using Gather = void(Stream&, const GatherRows&, const void* x, const std::int32_t* index, float* y);

/// y[index[i], :] += g[i, :] for f32, in ascending i: the adjoint of gather. y has `source_rows`
/// rows and is overwritten (rows that no index names become 0).
using ScatterRows = void(Stream&, const GatherRows&, const float* g, const std::int32_t* index,
                         float* y);

/// y[i, label[i]] = on, elsewhere off; y is rows x classes.
using OneHot = void(Stream&, std::int64_t rows, int classes, float on, float off,
                    const std::int32_t* label, float* y);

/// y[i, j, k] of extents (outer, columns, rows, inner) = x[i, k, j]: swaps two middle axes.
struct Transpose {
  std::int64_t outer, rows, columns, inner;
};
using Transposed = void(Stream&, const Transpose&, const float* x, float* y);

namespace cpu {
CopyColumns copy_columns;
JoinColumns join_columns;
SplitColumns split_columns;
Gather gather;
ScatterRows scatter;
OneHot one_hot;
Transposed transpose;
}  // namespace cpu
namespace cuda {
CopyColumns copy_columns;
JoinColumns join_columns;
SplitColumns split_columns;
Gather gather;
ScatterRows scatter;
OneHot one_hot;
Transposed transpose;
}  // namespace cuda

inline constexpr Kernel<CopyColumns, cpu::copy_columns, cuda::copy_columns> copy_columns;
inline constexpr Kernel<JoinColumns, cpu::join_columns, cuda::join_columns> join_columns;
inline constexpr Kernel<SplitColumns, cpu::split_columns, cuda::split_columns> split_columns;
inline constexpr Kernel<Gather, cpu::gather, cuda::gather> gather;
inline constexpr Kernel<ScatterRows, cpu::scatter, cuda::scatter> scatter;
inline constexpr Kernel<OneHot, cpu::one_hot, cuda::one_hot> one_hot;
inline constexpr Kernel<Transposed, cpu::transpose, cuda::transpose> transpose;

}  // namespace ganymede::kernels
