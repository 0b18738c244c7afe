#pragma once

#include <omp.h>

namespace ganymede::test {

/// For its life loops run in one thread. The smallest networks lose more at barriers than they
/// gain, above all on a busy machine; and what they have learnt does not depend on the machine.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_ = omp_get_max_threads();
};

}  // namespace ganymede::test
