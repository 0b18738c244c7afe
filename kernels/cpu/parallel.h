#pragma once
// The one way to split loops over threads. Parts are contiguous and depend on the extents and the
// number of threads only, so that a run can be repeated bit by bit.

#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace ganymede::kernels::cpu {

/// Elements of cheap work that are worth a thread.
inline constexpr std::int64_t grain_elements = 16384;

/// Threads that a loop started here may use; 1 inside a parallel loop.
inline int threads() { return omp_in_parallel() ? 1 : omp_get_max_threads(); }

/// Parts to cut n items into, each of at least `grain` items; at least 1.
inline int parts_of(std::int64_t n, std::int64_t grain) {
  const std::int64_t wanted = n / std::max<std::int64_t>(grain, 1);
  return static_cast<int>(std::clamp<std::int64_t>(wanted, 1, threads()));
}

struct Range {
  std::int64_t begin, end;
};

/// Part `part` of `parts` of [0, n).
inline Range part_of(std::int64_t n, int part, int parts) {
  return {n * part / parts, n * (part + 1) / parts};
}

/// Calls body(part) for each part in [0, parts), in parallel. The body must not throw.
template <class Body>
void parallel_parts(int parts, const Body& body) {
  if (parts <= 1) {
    if (parts == 1) body(0);
    return;
  }
  // Always the whole team: libgomp ends and restarts threads when its size changes.
#pragma omp parallel for schedule(static, 1)
  for (int part = 0; part < parts; ++part) body(part);
}

/// Calls body(begin, end) on contiguous parts of [0, n), each of at least `grain` items.
template <class Body>
void parallel_for(std::int64_t n, std::int64_t grain, const Body& body) {
  if (n <= 0) return;
  const int parts = parts_of(n, grain);
  parallel_parts(parts, [&](int part) {
    const Range range = part_of(n, part, parts);
    body(range.begin, range.end);
  });
}

/// Grain in rows for rows of `width` cheap elements each.
inline std::int64_t row_grain(std::int64_t width) {
  return std::max<std::int64_t>(1, grain_elements / std::max<std::int64_t>(width, 1));
}

}  // namespace ganymede::kernels::cpu
