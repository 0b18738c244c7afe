// The Frechet distance at full size, where there is a GPU (issue 7: at most 50 ms and 1e-3 there).

#include "test/backends.h"

#include <ganymede/engine/tensor.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/quality/frechet_device.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

using namespace ganymede;
using namespace ganymede::quality;

#if !defined(GANYMEDE_EMULATED)
namespace {

std::vector<float> rectified_normals(const std::string& path, int n, int d, double shift) {
  HostRng rng(3, path);
  std::vector<float> values;
  for (int i = 0; i < n * d; ++i) values.push_back(float(std::max(0., rng.normal() + shift)));
  return values;
}

double seconds_of(const Tensor& a, const Tensor& b) {
  const auto start = std::chrono::steady_clock::now();
  const DeviceFrechet again = frechet_distance(a, b);
  CHECK(again.refusal == "");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace
#endif

TEST_CASE("a Frechet distance at full size on a GPU: digits and time") {
#if defined(GANYMEDE_EMULATED)
  WARN("skipped: the emulator's time says nothing");
#else
  if (!test::has_cuda_device()) {
    WARN("skipped: " << why_no_cuda_device());
    return;
  }
  Stream stream(cuda_device());
  const StreamScope scope(stream);
  const int n = 2000, d = 2048;
  const auto x = rectified_normals("a", n, d, 0), z = rectified_normals("b", n, d, .1);
  const Tensor a = Tensor::from(x, {n, d}), b = Tensor::from(z, {n, d});
  const DeviceFrechet got = frechet_distance(a, b);
  CHECK(got.refusal == "");
  CHECK(got.distance == Approx(frechet_distance(Features(std::span<const float>(x), n, d),
                                                Features(std::span<const float>(z), n, d)))
                            .epsilon(1e-6));
  double best = seconds_of(a, b);
  for (int i = 0; i < 4; ++i) best = std::min(best, seconds_of(a, b));
  WARN(1e3 * best << " ms, " << got.steps << " steps");
  CHECK(best < .05);
#endif
}
