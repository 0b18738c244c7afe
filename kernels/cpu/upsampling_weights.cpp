// A share is a square of outer by inner elements with all their taps: a line of the cache each way,
// read along the memory of `from`, turned in the first-level cache, written along that of `to`.

#include <ganymede/kernels/cpu/parallel.h>
#include <ganymede/kernels/upsampling_weights.h>

#include <algorithm>

namespace ganymede::kernels::cpu {
namespace {

constexpr int edge = 16;  // of a share: a line of the cache

// One tap's terms along an axis that lie within `from`.
struct Terms {
  int first, last;
  Terms(int end, int at, int factor, int extent)
      : first(std::max(end - at - factor + 1, 0)), last(std::min(end - at, extent - 1)) {}
};

// What a share reads and writes.
struct Square {
  int outer, inner;  // how many elements
  const float* from;
  float* to;
};

void turn_tap(const TurnedSums& s, const Terms& rows, const Terms& columns, const Square& q,
              float* to) {
  const std::int64_t window = std::int64_t{s.from_h} * s.from_w * s.inner;
  const std::int64_t line = std::int64_t{s.to_h} * s.to_w * s.outer;
  float summed[edge][edge];
  for (int o = 0; o < q.outer; ++o) {
    float sums[edge] = {};
    for (int r = rows.first; r <= rows.last; ++r)
      for (int c = columns.first; c <= columns.last; ++c) {
        const float* terms = q.from + o * window + (std::int64_t{r} * s.from_w + c) * s.inner;
#pragma omp simd
        for (int i = 0; i < q.inner; ++i) sums[i] += terms[i];
      }
    std::copy_n(sums, edge, summed[o]);
  }
  for (int i = 0; i < q.inner; ++i)
    for (int o = 0; o < q.outer; ++o) to[i * line + o] = summed[o][i];
}

void turn_square(const TurnedSums& s, const Square& q) {
  for (int a = 0; a < s.to_h; ++a)
    for (int b = 0; b < s.to_w; ++b)
      turn_tap(s, Terms(s.last_h(), a, s.factor, s.from_h),
               Terms(s.last_w(), b, s.factor, s.from_w), q,
               q.to + (std::int64_t{a} * s.to_w + b) * s.outer);
}

void turn(const TurnedSums& s, const float* from, float* to) {
  const int bands = (s.inner + edge - 1) / edge, runs = (s.outer + edge - 1) / edge;
  const std::int64_t from_taps = std::int64_t{s.from_h} * s.from_w;
  const std::int64_t to_taps = std::int64_t{s.to_h} * s.to_w;
  parallel_for(std::int64_t{bands} * runs, row_grain(edge * edge * to_taps),
               [&](std::int64_t first, std::int64_t last) {
                 for (std::int64_t share = first; share < last; ++share) {
                   const std::int64_t i = share / runs * edge, o = share % runs * edge;
                   turn_square(
                       s, {static_cast<int>(std::min<std::int64_t>(edge, s.outer - o)),
                           static_cast<int>(std::min<std::int64_t>(edge, s.inner - i)),
                           from + o * from_taps * s.inner + i, to + i * to_taps * s.outer + o});
                 }
               });
}

}  // namespace

void upsampling_weights(Stream&, const UpsamplingWeightsShape& s, const float* w, float* v) {
  turn(turned_sums(s), w, v);
}

void upsampling_weights_grad(Stream&, const UpsamplingWeightsShape& s, const float* gv, float* gw) {
  turn(turned_sums_grad(s), gv, gw);
}

}  // namespace ganymede::kernels::cpu
