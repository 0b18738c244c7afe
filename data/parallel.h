#pragma once
// For .cpp files only: it is parallel where the compiler is told of OpenMP, which the library's own
// files are.

#include <cstddef>
#include <exception>
#include <utility>

namespace ganymede {

/// Calls body(i) for i in [0, count) on the OpenMP threads. Of several exceptions the one with the
/// lowest i is thrown, so that the same data give the same error on any number of threads.
template <class Body>
void parallel_for(std::size_t count, Body&& body) {
  std::exception_ptr first;
  std::size_t where = count;
#pragma omp parallel for schedule(dynamic)
  for (std::size_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (...) {
#pragma omp critical(ganymede_parallel_for)
      if (i < where) {
        where = i;
        first = std::current_exception();
      }
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace ganymede
