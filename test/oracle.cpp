#include "test/oracle.h"

#include <cmath>

namespace ganymede::test {

DArray absolute(const DArray& x) {
  DArray y = x;
  for (double& v : y.v) v = std::fabs(v);
  return y;
}

DArrays absolute(const DArrays& xs) {
  DArrays ys;
  for (const DArray& x : xs) ys.push_back(absolute(x));
  return ys;
}

double dot(const DArray& x, const DArray& z) {
  double total = 0.0;
  for (std::size_t i = 0; i < x.v.size(); ++i) total += x.v[i] * z.v[i];
  return total;
}

std::vector<float> to_float(const DArray& x) {
  std::vector<float> y;
  for (double v : x.v) y.push_back(static_cast<float>(v));
  return y;
}

DArray to_double(const std::vector<float>& x, const Shape& shape) {
  DArray y(shape);
  for (std::size_t i = 0; i < x.size(); ++i) y.v[i] = x[i];
  return y;
}

Oracle elementwise(double (*f)(double)) {
  return [f](const DArrays& in) {
    DArray y = in[0];
    for (double& v : y.v) v = f(v);
    return y;
  };
}

Oracle elementwise(double (*f)(double, double)) {
  return [f](const DArrays& in) {
    DArray y = in[0];
    for (std::size_t i = 0; i < y.v.size(); ++i) y.v[i] = f(in[0].v[i], in[1].v[i]);
    return y;
  };
}

std::uint64_t TestRng::bits() {  // splitmix64
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

double TestRng::uniform(double low, double high) {
  const double u = static_cast<double>(bits() >> 11) * 0x1p-53;
  return static_cast<float>(low + (high - low) * u);
}

DArray TestRng::array(const Shape& shape, double low, double high) {
  DArray x(shape);
  for (double& v : x.v) v = uniform(low, high);
  return x;
}

double derivative(const std::function<double(double)>& f, double h) {
  return (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h);
}

}  // namespace ganymede::test
