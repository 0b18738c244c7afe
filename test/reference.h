#pragma once

#include "test/case.h"

namespace ganymede::test {

/// All that the oracle says about a case, computed once and held against every backend. With u a
/// random cotangent and v random directions: gradients of <f(x), u>, and gradients of
/// <gradient, v>, in the inputs and in u.
struct Reference {
  DArrays inputs, directions;
  DArray cotangent;
  Expected value;
  std::vector<Expected> first;   ///< per input
  std::vector<Expected> second;  ///< per input, then the cotangent
};

Reference reference_of(const Case& c);

}  // namespace ganymede::test
