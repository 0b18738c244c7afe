#pragma once
// The double-precision side of a test: arrays, plain loop functions, random inputs and derivatives
// by differences.

#include <cstdint>
#include <functional>
#include <vector>

#include <ganymede/engine/shape.h>

namespace ganymede::test {

struct DArray {
  Shape shape;
  std::vector<double> v;

  DArray() = default;
  explicit DArray(const Shape& s, double value = 0.0)
      : shape(s), v(static_cast<std::size_t>(s.elements()), value) {}
  double& operator[](std::int64_t i) { return v[static_cast<std::size_t>(i)]; }
  double operator[](std::int64_t i) const { return v[static_cast<std::size_t>(i)]; }
  std::int64_t elements() const { return static_cast<std::int64_t>(v.size()); }
};
using DArrays = std::vector<DArray>;

/// A function of arrays in double, written as plain loops.
using Oracle = std::function<DArray(const DArrays&)>;

DArray absolute(const DArray& x);
DArrays absolute(const DArrays& xs);
double dot(const DArray& x, const DArray& z);
std::vector<float> to_float(const DArray& x);
DArray to_double(const std::vector<float>& x, const Shape& shape);

/// y[i] = f(x[i]) or f(x[i], z[i])
Oracle elementwise(double (*f)(double));
Oracle elementwise(double (*f)(double, double));

/// Random numbers of a test: the same on every machine. All values are exact in float.
class TestRng {
 public:
  explicit TestRng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits();
  double uniform(double low, double high);
  DArray array(const Shape& shape, double low = -1.0, double high = 1.0);

 private:
  std::uint64_t state_;
};

/// f'(0) by the five-point central difference; error h^4 f^(5) / 30.
double derivative(const std::function<double(double)>& f, double h);

}  // namespace ganymede::test
