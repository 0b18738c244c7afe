#include <ganymede/kernels/error.h>
#include <ganymede/kernels/moments.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/frechet_device.h>
#include <ganymede/models/quality/polar.h>

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace ganymede::quality {

namespace {

void check(const Tensor& a, const Tensor& b) {
  for (const Tensor* t : {&a, &b}) {
    if (t->shape().rank() != 2 || t->shape()[1] < 1)
      throw ShapeError("frechet_distance: features of " + to_string(t->shape()) +
                       ", expects images x dims");
    if (t->dtype() != DType::f32)
      throw UsageError(fmt::format("frechet_distance: features in {}, expects f32; mend: convert",
                                   name_of(t->dtype())));
    if (t->device() != current_stream().device())
      throw UsageError("frechet_distance: features on " + to_string(t->device()) +
                       ", the current stream is on " + to_string(current_stream().device()));
    if (t->shape()[0] < 2)
      throw DataError(fmt::format(
          "a distance of feature sets needs at least 2 images in each, got {}", t->shape()[0]));
  }
  if (a.shape()[1] != b.shape()[1])
    throw ShapeError(fmt::format("features of {} dims against {}", a.shape()[1], b.shape()[1]));
}

Features on_host(const Tensor& t) {
  const std::vector<float> values = t.host();
  return {std::span<const float>(values), int(t.shape()[0]), int(t.shape()[1])};
}

DeviceFrechet by_host(const Tensor& a, const Tensor& b, std::string refusal) {
  return {frechet_distance(on_host(a), on_host(b)), 0, std::move(refusal)};
}

std::vector<double> read(Stream& stream, const DeviceMatrix& m) {
  std::vector<double> values(std::size_t(m.elements()));
  copy_to_host(stream, values.data(), m.data(), values.size() * sizeof(double));
  stream.synchronize();
  return values;
}

/// What a set contributes.
struct Side {
  Side(Stream& stream, const Tensor& x)
      : count(x.shape()[0]),
        dims(x.shape()[1]),
        mean(stream, 1, dims),
        factor(stream, count, dims) {
    kernels::column_means(stream, count, dims, x.data(), mean.data());
    kernels::centred(stream, count, dims, 1 / std::sqrt(double(count - 1)), x.data(), mean.data(),
                     factor.data());
    const DeviceMatrix squares(stream, 1, 1);
    kernels::inner_product(stream, factor.elements(), factor.data(), factor.data(), squares.data());
    trace = read(stream, squares)[0];
  }

  std::int64_t count, dims;
  DeviceMatrix mean;
  DeviceMatrix factor;  ///< its transpose times itself is the covariance
  double trace;
};

/// Polar factors, the steps they took together, and why the first of them failed, if one did.
struct Solver {
  Polar polar_of(const DeviceMatrix& m) {
    Polar result = polar(stream, m);
    steps += result.steps;
    if (!result.converged() && refusal.empty())
      refusal = fmt::format(
          "the polar iteration of a matrix of {} x {} did not converge (its last step changed the "
          "sum by {:.2g} of it); computed by the host",
          m.rows, m.columns, result.change);
    return result;
  }

  Stream& stream;
  int steps = 0;
  std::string refusal;
};

/// At most dims rows, the covariance unchanged.
void shorten(Solver& solver, Side& side) {
  if (side.count <= side.dims) return;
  const Polar p = solver.polar_of(side.factor);
  DeviceMatrix h(solver.stream, side.dims, side.dims);
  kernels::multiply_doubles(solver.stream, {side.dims, side.dims, side.count, true},
                            p.factor.data(), side.factor.data(), nullptr, h.data());
  side.factor = std::move(h);
}

DeviceMatrix cross_products(Stream& stream, const DeviceMatrix& tall, const DeviceMatrix& low) {
  DeviceMatrix cross(stream, tall.rows, low.rows);
  kernels::multiply_doubles(stream, {tall.rows, low.rows, tall.columns}, tall.data(), low.data(),
                            nullptr, cross.data());
  return cross;
}

double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

DeviceFrechet frechet_by_polar(const Tensor& x, const Tensor& z) {
  check(x, z);
  Solver solver{current_stream(), 0, ""};
  Side a(solver.stream, x), b(solver.stream, z);
  shorten(solver, a), shorten(solver, b);
  const bool a_taller = a.factor.rows >= b.factor.rows;
  const DeviceMatrix& tall = a_taller ? a.factor : b.factor;
  const DeviceMatrix& low = a_taller ? b.factor : a.factor;
  const Polar cross = solver.polar_of(cross_products(solver.stream, tall, low));
  if (!solver.refusal.empty()) return by_host(x, z, solver.refusal);
  const double means = squared_distance(read(solver.stream, a.mean), read(solver.stream, b.mean));
  return {std::max(0., means + a.trace + b.trace - 2 * cross.nuclear_norm), solver.steps, ""};
}

DeviceFrechet frechet_distance(const Tensor& a, const Tensor& b) {
  if (current_stream().device().kind != DeviceKind::cpu) return frechet_by_polar(a, b);
  check(a, b);
  return by_host(a, b, "");
}

}  // namespace ganymede::quality
