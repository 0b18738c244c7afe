// Plans by the clock: under the emulator, whose times mean nothing, that every plan runs and the
// table names one of them for each product.
#include <algorithm>
#include <catch2/catch.hpp>

#include <ganymede/config.h>
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

TEST_CASE("tune: what minimal filtering takes has no plans, and has them in the other modes") {
  const kernels::Hardware h200 = sheet_of("h200")->hardware;
  BenchShape layer = small_layer();
  layer.conv.batch = 16;
  layer.conv.height = layer.conv.width = 32;
  layer.conv.channels = layer.conv.filters = 128;
  layer.conv.kernel_h = layer.conv.kernel_w = 5;
  layer.conv.pad_top = layer.conv.pad_bottom = layer.conv.pad_left = layer.conv.pad_right = 2;
  const Work filtered = conv_works(layer).forward;
  CHECK(plans_that_run(filtered, h200, MathMode::fp32).empty());
  CHECK(!plans_that_run(filtered, h200, MathMode::tf32).empty());
  CHECK(!plans_that_run(conv_works(small_layer()).forward, h200, MathMode::fp32).empty());
  CHECK(plans_that_run(large_copy(1 << 10), h200, MathMode::fp32).empty());
}

TEST_CASE("tune: warpgroups are for operands that come in fours") {
  const kernels::Hardware h200 = sheet_of("h200")->hardware;
  BenchShape layer = small_layer();
  const auto by_warpgroups = [&](const Work& work) {
    const auto plans = plans_that_run(work, h200, MathMode::tf32);
    return std::ranges::any_of(
        plans, [](const auto& plan) { return kernels::taken_by_tables_alone(plan.tile); });
  };
  CHECK(fits_warpgroups(*conv_works(layer).forward.contraction));
  CHECK(by_warpgroups(conv_works(layer).forward) == bool(GANYMEDE_HAS_SM90A));
  CHECK(!fits_warpgroups(*conv_works(layer).weight_grad.contraction));
  layer.conv.channels = 18;
  CHECK(!fits_warpgroups(*conv_works(layer).forward.contraction));
  CHECK(!by_warpgroups(conv_works(layer).forward));
  CHECK(!plans_that_run(conv_works(layer).forward, h200, MathMode::tf32).empty());
  layer.conv.channels = 16;
  layer.conv.groups = 8;
  CHECK(!fits_warpgroups(*conv_works(layer).forward.contraction));
  const auto product = [](std::int64_t k, bool transpose_b) {
    return kernels::ContractionShape{.contraction = kernels::gemm_contraction(false, transpose_b),
                                     .gemm = {64, 64, k, false, transpose_b}};
  };
  CHECK(fits_warpgroups(product(100, true)));
  CHECK(!fits_warpgroups(product(102, true)));
  CHECK(!fits_warpgroups(product(100, false)));
}

TEST_CASE("works: each is of exactly one part") {
  const std::vector<Work> all = works(1);
  const std::vector<std::string> parts = parts_of(all);
  CHECK(parts.size() > 20);
  for (const Work& work : all) {
    INFO(text_of(work));
    CHECK(std::ranges::count_if(parts, [&](const std::string& part) {
            return text_of(work).find(part) != std::string::npos;
          }) == 1);
  }
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
