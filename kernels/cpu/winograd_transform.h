#pragma once
// Small constant matrices applied to vectors of channels: fully unrolled, zeros dropped, rows of
// paired points computed as even + odd and even - odd.

#include <utility>

#include <ganymede/kernels/cpu/simd.h>
#include <ganymede/kernels/winograd_matrices.h>

namespace ganymede::kernels::cpu::winograd {

using kernels::winograd::Adjoint, kernels::winograd::Filtering, kernels::winograd::Input,
    kernels::winograd::Output, kernels::winograd::Window;

/// Row `row + 1` is row `row` with odd columns negated.
template <class T>
constexpr bool rows_paired(int row) {
  constexpr auto& m = T::matrix;
  if (row + 1 >= m.rows) return false;
  bool different = false;
  for (int k = 0; k < m.columns; ++k) {
    if (m.at[row + 1][k] != (k % 2 ? -m.at[row][k] : m.at[row][k])) return false;
    different = different || (k % 2 && m.at[row][k] != 0.0);
  }
  return different;
}

/// A matrix with paired columns j, j + 1, rewritten for the inputs x_j + x_{j+1} and x_j - x_{j+1}.
template <class T>
struct Folded {
  static constexpr bool paired(int column) { return rows_paired<Adjoint<T>>(column); }
  static constexpr auto fold() {
    auto m = T::matrix;
    for (int j = 0; j < m.columns; ++j) {
      if (!paired(j)) continue;
      for (int i = 0; i < m.rows; ++i) {
        m.at[i][j + 1] = i % 2 ? m.at[i][j] : 0.0;
        m.at[i][j] = i % 2 ? 0.0 : m.at[i][j];
      }
      ++j;
    }
    return m;
  }
  static constexpr auto matrix = fold();
};

/// sum[0] += coefficient x, where `empty` (a constant once inlined) tells that nothing is there
/// yet.
template <class T, int Row, int Column>
inline void accumulate(const Vec* x, Vec& sum, bool& empty) {
  constexpr auto c = static_cast<float>(T::matrix.at[Row][Column]);
  if constexpr (c != 0.0f) {
    const Vec v = x[Column];
    if (empty)
      sum = c == 1.0f ? v : broadcast(c) * v;
    else
      sum = c == 1.0f ? sum + v : c == -1.0f ? sum - v : fma(broadcast(c), v, sum);
    empty = false;
  }
}

/// Columns First, First + Step, ... of one row times x.
template <class T, int Row, int First, int Step>
inline Vec dot(const Vec* x) {
  Vec sum = broadcast(0.0f);
  bool empty = true;
  [&]<int... K>(std::integer_sequence<int, K...>) {
    (accumulate<T, Row, First + K * Step>(x, sum, empty), ...);
  }
  (std::make_integer_sequence<int, (T::matrix.columns - First + Step - 1) / Step>());
  return sum;
}

/// out = matrix x, for matrices whose rows come in pairs (B^T, G, A).
template <class T, int Row = 0>
inline void evaluate(const Vec* x, Vec* out) {
  if constexpr (Row < T::matrix.rows) {
    if constexpr (rows_paired<T>(Row)) {
      const Vec even = dot<T, Row, 0, 2>(x), odd = dot<T, Row, 1, 2>(x);
      out[Row] = even + odd;
      out[Row + 1] = even - odd;
      evaluate<T, Row + 2>(x, out);
    } else {
      out[Row] = dot<T, Row, 0, 1>(x);
      evaluate<T, Row + 1>(x, out);
    }
  }
}

/// out = matrix x, for matrices whose columns come in pairs (A^T, G^T).
template <class T>
inline void interpolate(const Vec* x, Vec* out) {
  Vec folded[T::matrix.columns];
  [&]<int... J>(std::integer_sequence<int, J...>) {
    const auto take = [&](auto column) {
      constexpr int j = decltype(column)::value;
      if constexpr (Folded<T>::paired(j)) {
        folded[j] = x[j] + x[j + 1];
        folded[j + 1] = x[j] - x[j + 1];
      } else if constexpr (j == 0) {
        folded[j] = x[j];
      } else if constexpr (!Folded<T>::paired(j - 1)) {
        folded[j] = x[j];
      }
    };
    (take(std::integral_constant<int, J>()), ...);
  }
  (std::make_integer_sequence<int, T::matrix.columns>());
  [&]<int... I>(std::integer_sequence<int, I...>) {
    ((out[I] = dot<Folded<T>, I, 0, 1>(folded)), ...);
  }
  (std::make_integer_sequence<int, T::matrix.rows>());
}

struct Evaluate {
  template <class T>
  static void apply(const Vec* x, Vec* out) {
    evaluate<T>(x, out);
  }
};
struct Interpolate {
  template <class T>
  static void apply(const Vec* x, Vec* out) {
    interpolate<T>(x, out);
  }
};

/// out = matrix x matrix^T for a square of vectors: read(i, j) gives x, write(i, j, v) takes out.
template <class Method, class T, class Read, class Write>
inline void transform_square(const Read& read, const Write& write) {
  constexpr int in = T::matrix.columns, out = T::matrix.rows;
  Vec half[in][out];  // [column of x][row of out]
  for (int j = 0; j < in; ++j) {
    Vec column[in];
    for (int i = 0; i < in; ++i) column[i] = read(i, j);
    Method::template apply<T>(column, half[j]);
  }
  for (int i = 0; i < out; ++i) {
    Vec row[in], result[out];
    for (int j = 0; j < in; ++j) row[j] = half[j][i];
    Method::template apply<T>(row, result);
    for (int j = 0; j < out; ++j) write(i, j, result[j]);
  }
}

}  // namespace ganymede::kernels::cpu::winograd
