// Plans by the clock: under the emulator, whose times mean nothing, that every plan runs and the
// table names one of them for each product.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include <ganymede/config.h>
#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

#include <test/backends.h>

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

/// A table's file in a folder of its own, and what a clock without a device was asked.
struct TuningFile {
  TuningFile() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
  }
  ~TuningFile() { std::filesystem::remove_all(folder); }

  bool exists(const std::string& tail = {}) const { return std::filesystem::exists(path + tail); }
  /// Each plan takes longer than the one before it; the one at `failing` fails.
  PlanClock clock(int failing = -1) {
    asked.clear();
    return [this, failing](const kernels::ProductPlan& plan) {
      CHECK(exists(".trying"));  // noted before it runs
      asked.push_back(plan);
      if (int(asked.size()) - 1 == failing) throw DeviceError("illegal address");
      return double(asked.size());
    };
  }

  const std::string folder = "bench_tune_test", path = folder + "/table.json";
  const kernels::Hardware h200 = sheet_of("h200")->hardware;
  const Work work = conv_works(small_layer()).forward;
  const kernels::Product product = *kernels::product_of(*work.contraction);
  const std::vector<kernels::ProductPlan> plans = plans_that_run(work, h200, MathMode::tf32);
  std::vector<kernels::ProductPlan> asked;
};

}  // namespace

TEST_CASE("tune: a file has each product as soon as it is timed, and is gone on with") {
  TuningFile file;
  REQUIRE(file.plans.size() > 2);
  {
    GrowingTable table(file.path, file.h200);
    CHECK(!table.has(MathMode::tf32, file.product));
    const auto timed = tune_product(table, MathMode::tf32, file.product, file.plans, file.clock());
    CHECK(timed.size() == file.plans.size());
    CHECK(file.asked == file.plans);
    CHECK(!file.exists(".trying"));
    CHECK(*load_kernel_table(file.path)->find(MathMode::tf32, file.product) == file.plans[0]);
  }
  const GrowingTable again(file.path, file.h200);
  CHECK(again.has(MathMode::tf32, file.product));
  CHECK(!again.has(MathMode::fp32, file.product));
}

TEST_CASE("tune: what a run died of is named, and tried by no later run") {
  TuningFile file;
  {
    GrowingTable table(file.path, file.h200);
    CHECK_THROWS_WITH(tune_product(table, MathMode::tf32, file.product, file.plans, file.clock(1)),
                      Contains(table.line_of(MathMode::tf32, file.product, file.plans[1])) &&
                          Contains("illegal address") && Contains("leaves this plan out"));
    CHECK(!file.exists());
  }
  {  // dies without an exception, as by a signal
    GrowingTable table(file.path, file.h200);
    CHECK_THAT(table.why_left_out(MathMode::tf32, file.product, file.plans[1]),
               Contains("under trial"));
    CHECK(table.why_left_out(MathMode::fp32, file.product, file.plans[1]).empty());
    table.begin_trial(MathMode::tf32, file.product, file.plans[0]);
  }
  GrowingTable table(file.path, file.h200);
  const auto timed = tune_product(table, MathMode::tf32, file.product, file.plans, file.clock());
  CHECK(timed.size() == file.plans.size() - 2);
  CHECK(timed[0].plan == file.plans[2]);
  CHECK(*load_kernel_table(file.path)->find(MathMode::tf32, file.product) == file.plans[2]);
  CHECK(file.exists(".trying"));  // for other parts of the same table
  const GrowingTable later(file.path, file.h200);
  CHECK(!later.why_left_out(MathMode::tf32, file.product, file.plans[0]).empty());
}

TEST_CASE("tune: a product all of whose plans were fatal stays with the model") {
  TuningFile file;
  const std::vector<kernels::ProductPlan> one{file.plans[0]};
  GrowingTable(file.path, file.h200).begin_trial(MathMode::tf32, file.product, one[0]);
  GrowingTable table(file.path, file.h200);
  CHECK(tune_product(table, MathMode::tf32, file.product, one, file.clock()).empty());
  CHECK(file.asked.empty());
  CHECK(!table.has(MathMode::tf32, file.product));
}

TEST_CASE("tune: a tile of which three plans were fatal is tried no more") {
  const TuningFile file;
  const auto plan = [](kernels::TileKind tile, int splits) {
    return kernels::ProductPlan{tile, splits};
  };
  const auto left_out = [&](MathMode mode, const kernels::ProductPlan& one) {
    return !GrowingTable(file.path, file.h200).why_left_out(mode, file.product, one).empty();
  };
  using enum kernels::TileKind;
  for (const int splits : {1, 2, 4}) {
    CHECK(!left_out(MathMode::tf32, plan(warpgroup, 8)));
    GrowingTable(file.path, file.h200)
        .begin_trial(MathMode::tf32, file.product, plan(warpgroup, splits));
  }
  CHECK(left_out(MathMode::tf32, plan(warpgroup, 8)));
  CHECK(!left_out(MathMode::tf32, plan(large, 8)));  // whose name begins alike
  CHECK(!left_out(MathMode::tf32, plan(warpgroup_tall, 8)));
  CHECK(!left_out(MathMode::bf16, plan(warpgroup, 8)));
}

TEST_CASE("tune: another device's table is refused, and what is no table") {
  TuningFile file;
  kernels::Hardware other = file.h200;
  other.name = "another";
  save_kernel_table(file.path, kernels::KernelTable(other));
  CHECK_THROWS_WITH(GrowingTable(file.path, file.h200),
                    Contains("it is of another") && Contains("remove it"));
  write_file(file.path, "{}");
  CHECK_THROWS_AS(GrowingTable(file.path, file.h200), FormatError);
}

TEST_CASE("tune: a table has the products of the works, each with a plan of the device") {
  if (!test::has_cuda_device()) return;
  Stream stream(cuda_device());
  stream.set_math_mode(MathMode::tf32);
  ConvWorks conv = conv_works(small_layer());
  const std::vector<Work> works{conv.forward, conv.weight_grad, conv.forward};
  const TuningFile file;
  const kernels::KernelTable table = tune(stream, works, 1e-4, file.path);
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
  CHECK(!file.exists(".trying"));
  const auto written = std::filesystem::last_write_time(file.path);
  CHECK(tune(stream, works, 1e-4, file.path).plans() == table.plans());
  CHECK(std::filesystem::last_write_time(file.path) == written);  // nothing was timed again
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
