// Plans by the clock: under the emulator, whose times mean nothing, that every plan runs and the
// table names one of them for each product.
#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>

#include <bench/floor.h>
#include <bench/tune.h>

using namespace ganymede;
using namespace ganymede::bench;
using Catch::Contains;

namespace {

BenchShape small_layer() {
  BenchShape layer{};
  layer.kind = LayerKind::conv;
  layer.layer = "test/D/conv2d";
  layer.conv = {.batch = 1,
                .height = 4,
                .width = 4,
                .channels = 16,
                .filters = 8,
                .kernel_h = 3,
                .kernel_w = 3,
                .pad_top = 1,
                .pad_left = 1,
                .pad_bottom = 1,
                .pad_right = 1};
  return layer;
}

}  // namespace

TEST_CASE("tune: a table has the products of the works, each with a plan of the device") {
  if (cuda_device_count() == 0) return;
  Stream stream(cuda_device());
  stream.set_math_mode(MathMode::tf32);
  ConvWorks conv = conv_works(small_layer());
  const std::vector<Work> works{conv.forward, conv.weight_grad, conv.forward};
  const kernels::KernelTable table = tune(stream, works, 1e-4);
  CHECK(table.device() == kernels::hardware_of(stream));
  CHECK(table.plans().size() == 2);
  for (const Work& work : works) {
    const auto product = kernels::product_of(*work.contraction);
    const kernels::ProductPlan* plan = table.find(MathMode::tf32, *product);
    REQUIRE(plan != nullptr);
    const auto eligible = kernels::eligible_plans(*product, table.device(), MathMode::tf32);
    CHECK(std::find(eligible.begin(), eligible.end(), *plan) != eligible.end());
  }
  CHECK(kernels::kernel_table(stream) == nullptr);
}

TEST_CASE("tune: the CPU's routes are not for tuning") {
  Stream stream(cpu_device);
  CHECK_THROWS_WITH(tune(stream, {conv_works(small_layer()).forward}, 1e-4),
                    Contains("follows from the shape"));
}

TEST_CASE("floors: what binds is the larger of arithmetic and traffic") {
  const DeviceSheet h200 = sheet_of("h200").value();
  CHECK(!sheet_of("h2000"));
  Work work = large_product(4096);
  const Floor wide = floor_of(work, h200, MathMode::tf32);
  CHECK(!wide.traffic_binds());
  CHECK(wide.seconds() == Approx(2.0 * 4096 * 4096 * 4096 / 495e12));
  CHECK(floor_of(work, h200, MathMode::fp32).seconds() > 7 * wide.seconds());
  const Floor thin = floor_of(large_copy(1 << 20), h200, MathMode::tf32);
  CHECK(thin.traffic_binds());
  CHECK(thin.seconds() == Approx(8.0 * (1 << 20) / 4.8e12));
}
