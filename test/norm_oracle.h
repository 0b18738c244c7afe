#pragma once
// Batch and layer norm as plain loops in double. Inputs: x, gamma, beta, of which the last two may
// be missing.

#include "test/oracle.h"

namespace ganymede::test {

struct Moments {
  double mean = 0.0, variance = 0.0;
};

/// Element i of the result, whose statistics are `m`.
double normalised(const DArrays& in, std::int64_t i, const Moments& m, double epsilon);

Oracle batch_norm_oracle(double epsilon);
Oracle layer_norm_oracle(double epsilon);

DArray plus(DArray y, const DArray& addend);
DArray leaky_relu_oracle(DArray y, double slope);

}  // namespace ganymede::test
