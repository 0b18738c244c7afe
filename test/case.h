#pragma once

#include <string>
#include <vector>

#include <ganymede/engine/var.h>

#include "test/oracle.h"
#include "test/tolerance.h"

namespace ganymede::test {

/// One operand of a case.
struct Input {
  Shape shape;
  double low = -1.0, high = 1.0;
  /// Smallest magnitude: keeps values away from a kink at 0.
  double off_zero = 0.0;
  /// Any two values at least 1/64 apart, in random order: keeps a maximum unique under differences.
  bool distinct = false;
};

/// What stands for sum|terms| in the tolerance.
enum class Bound {
  absolute,  ///< the oracle at absolute values: exact for (multi)linear operations
  largest,   ///< the largest magnitude in the array: for operations with no such form
};

/// One operation, described once: checked for values, first and second derivatives in all inputs
/// together and for each input alone, on every backend.
struct Case {
  std::string name;
  std::vector<Input> inputs;
  std::function<Var(const Vars&)> op;
  Oracle oracle;
  Bound bound = Bound::absolute;
  double k = tolerance::pointwise;
  int order = 2;  ///< highest derivative: 0, 1 or 2
  std::uint64_t seed = 1;
};

void check(const Case& c);
inline void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) check(c);
}

/// What a float array must be, element by element (a sample of them for large arrays).
struct Expected {
  std::vector<std::int64_t> at;
  std::vector<double> value, bound;
  double noise = 0.0;  ///< the oracle's own error
};
/// Every element of `value`, with the given sum|terms|.
Expected expect(const DArray& value, const DArray& bound);
/// A Catch check that |got - value| <= k eps bound + noise everywhere; a NaN fails.
void compare(const std::string& what, const std::vector<float>& got, const Expected& expected,
             double k);

}  // namespace ganymede::test
