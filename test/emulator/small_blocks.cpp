// Cards below a server's have less shared memory for a block: kernels that want more are passed
// over, and what is computed stays the same.
#include <catch2/catch.hpp>

#include <ganymede/engine/ops.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>

#include <test/emulator/launches_of.h>

using namespace ganymede;
using namespace ganymede::test;

namespace {

struct SmallBlocks {
  SmallBlocks() { simt::set_shared_memory(99 * 1024); }
  ~SmallBlocks() { simt::set_shared_memory(227 * 1024); }
};

/// Gradients of a batch norm by x, gamma and beta, on a stream of its own.
std::vector<std::vector<float>> gradients() {
  Stream stream(cuda_device());
  const StreamScope scope(stream);
  const auto normal = [](const char* path, const Shape& shape) {
    return Var::leaf(Rng(1, path).normal(shape));
  };
  const Var x = normal("x", {67, 12}), gamma = normal("gamma", {12}), beta = normal("beta", {12});
  const Var y = batch_norm(x, gamma, beta, 1e-3f, Activation::leaky_relu, 0.2f).y;
  std::vector<std::vector<float>> found;
  for (const Var& g : grad(y, {x, gamma, beta}, {normal("g", {67, 12}), false}))
    found.push_back(g.value().host());
  return found;
}

}  // namespace

TEST_CASE("small blocks: a gradient of batch norm that does not fit takes two kernels") {
  const auto want = gradients();
  const SmallBlocks small;
  simt::reset_launch_counts();
  const auto found = gradients();
  if (sanitized) {  // names are known there
    CHECK(launches_of("batch_norm_cluster") == 1);
    CHECK(launches_of("batch_norm_grad_cluster") == 0);
    CHECK(launches_of("batch_norm_grad_map") == 1);
  }
  for (std::size_t i = 0; i < want.size(); ++i)
    for (std::size_t j = 0; j < want[i].size(); ++j)
      CHECK(found[i][j] == Approx(want[i][j]).margin(1e-4));
}
