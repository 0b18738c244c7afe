// Sums in double over pieces of the reduced axes whose size depends on the extents alone; pieces
// are then added in order. So one long sum uses all threads, and the bits never depend on their
// number.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/reduce.h>

#include <algorithm>

namespace ganymede::kernels::cpu {
namespace {

// Axes of one kind as an odometer over x: extents and strides in x, slowest first.
struct Walk {
  int rank = 0;
  std::int64_t extent[Axes::max_rank] = {}, stride[Axes::max_rank] = {};

  std::int64_t size() const {
    std::int64_t n = 1;
    for (int a = 0; a < rank; ++a) n *= extent[a];
    return n;
  }
  std::int64_t offset(std::int64_t index) const {
    std::int64_t at = 0;
    for (int a = rank - 1; a >= 0; --a) {
      at += index % extent[a] * stride[a];
      index /= extent[a];
    }
    return at;
  }
};

// The reduction as: kept rows of x, each `width` neighbouring outputs wide (1 where the last axis
// is summed), times reduced rows, each `run` neighbouring inputs long (1 where the last axis is
// kept).
struct Plan {
  Walk kept, reduced;
  std::int64_t width = 1, run = 1;
};

Plan plan_of(const Axes& axes) {
  Axes merged = axes.merged();
  Plan plan;
  std::int64_t stride[Axes::max_rank] = {}, step = 1;
  for (int a = merged.rank - 1; a >= 0; --a) {
    stride[a] = step;
    step *= merged.extent[a];
  }
  if (merged.rank > 0) {
    const int last = --merged.rank;
    (merged.reduced[last] ? plan.run : plan.width) = merged.extent[last];
  }
  for (int a = 0; a < merged.rank; ++a) {
    Walk& walk = merged.reduced[a] ? plan.reduced : plan.kept;
    walk.extent[walk.rank] = merged.extent[a];
    walk.stride[walk.rank++] = stride[a];
  }
  return plan;
}

double sum_run(const float* x, std::int64_t n) {
  constexpr int width = 16;
  double sum[width] = {};
  std::int64_t i = 0;
  for (; i + width <= n; i += width) {
#pragma omp simd
    for (int lane = 0; lane < width; ++lane) sum[lane] += double{x[i + lane]};
  }
  for (; i < n; ++i) sum[0] += double{x[i]};
  double total = 0.0;
  for (double part : sum) total += part;
  return total;
}

// Reduced elements [begin, end) of one output: whole and partial runs.
double sum_piece(const Plan& plan, const float* x, std::int64_t begin, std::int64_t end) {
  double total = 0.0;
  while (begin < end) {
    const std::int64_t within = begin % plan.run;
    const std::int64_t n = std::min(plan.run - within, end - begin);
    total += sum_run(x + plan.reduced.offset(begin / plan.run) + within, n);
    begin += n;
  }
  return total;
}

// Reduced rows [begin, end) of `width` neighbouring outputs.
void sum_rows(const Plan& plan, const float* x, std::int64_t begin, std::int64_t end, double* sum) {
  std::fill_n(sum, plan.width, 0.0);
  for (std::int64_t row = begin; row < end; ++row) {
    const float* from = x + plan.reduced.offset(row);
#pragma omp simd
    for (std::int64_t j = 0; j < plan.width; ++j) sum[j] += double{from[j]};
  }
}

}  // namespace

void sum_to(Stream& stream, const Axes& axes, float scale, const float* x, float* y) {
  const Plan plan = plan_of(axes);
  const std::int64_t kept = plan.kept.size(), reduced = plan.reduced.size() * plan.run;
  if (kept * plan.width == 0) return;
  const std::int64_t piece = std::max<std::int64_t>(1, 4 * grain_elements / plan.width);
  const std::int64_t pieces = std::max<std::int64_t>(1, (reduced + piece - 1) / piece);
  const Block block =
      allocate(stream, static_cast<std::size_t>(kept * pieces * plan.width) * sizeof(double));
  auto* partial = static_cast<double*>(block.data());
  parallel_for(kept * pieces, row_grain(std::min(piece, reduced) * plan.width),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   const float* from = x + plan.kept.offset(i / pieces);
                   const std::int64_t first = i % pieces * piece;
                   const std::int64_t last = std::min(first + piece, reduced);
                   if (plan.width > 1)
                     sum_rows(plan, from, first, last, partial + i * plan.width);
                   else
                     partial[i] = sum_piece(plan, from, first, last);
                 }
               });
  parallel_for(kept, row_grain(pieces * plan.width), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k)
      for (std::int64_t j = 0; j < plan.width; ++j) {
        double total = 0.0;
        for (std::int64_t p = 0; p < pieces; ++p)
          total += partial[(k * pieces + p) * plan.width + j];
        y[k * plan.width + j] = static_cast<float>(double{scale} * total);
      }
  });
}

void expand(Stream&, const Axes& axes, float scale, const float* x, float* y) {
  const Plan plan = plan_of(axes);
  // Rows of y: all axes but the last, in y's own order. x's row follows from the kept ones.
  const std::int64_t row = plan.width * plan.run, kept = plan.kept.size();
  const std::int64_t repeats = plan.reduced.size();
  if (row == 0) return;
  parallel_for(kept * repeats, row_grain(row), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t k = i / repeats;
      const float* from = x + k * plan.width;
      float* to = y + plan.kept.offset(k) + plan.reduced.offset(i % repeats);
      if (plan.run > 1) {
        std::fill_n(to, plan.run, scale * from[0]);
        continue;
      }
#pragma omp simd
      for (std::int64_t j = 0; j < plan.width; ++j) to[j] = scale * from[j];
    }
  });
}

}  // namespace ganymede::kernels::cpu
