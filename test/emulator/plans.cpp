// Plans of products on the emulated device: launches are what an explanation says, a table is
// obeyed and recorded, and every plan computes the same.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/tools/run_folder.h>

#include <test/backends.h>
#include <test/case.h>
#include <test/conv_setup.h>
#include <test/emulator/device_array.h>
#include <test/sentinels.h>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Contains;
using kernels::Contraction;
using kernels::ConvShape;
using kernels::KernelTable;
using kernels::ProductPlan;
using kernels::TileKind;

namespace {

constexpr Contraction contractions[] = {Contraction::forward, Contraction::input_grad,
                                        Contraction::weight_grad};

kernels::Product product_of(Contraction contraction, const ConvShape& s) {
  return *kernels::product_of({.contraction = contraction, .conv = s});
}

/// Whether the device has the plan in the stream's mode.
bool is_eligible(const Stream& stream, const kernels::Product& product, const ProductPlan& plan) {
  const auto all =
      kernels::eligible_plans(product, kernels::hardware_of(stream), stream.math_mode());
  return std::ranges::find(all, plan.tile, &ProductPlan::tile) != all.end();
}

/// Every contraction of `s` that has the plan by it, the others by the model.
std::shared_ptr<const KernelTable> table_of(const Stream& stream, const ConvShape& s,
                                            const ProductPlan& plan) {
  auto table = std::make_shared<KernelTable>(kernels::hardware_of(stream));
  for (const Contraction contraction : contractions)
    if (is_eligible(stream, product_of(contraction, s), plan))
      table->set(stream.math_mode(), product_of(contraction, s), plan);
  table->name = "forced.json", table->sha256 = "5f2a";
  return table;
}

void run(Stream& stream, Contraction contraction, const ConvShape& s, const float* x,
         const float* w, const float* y, float* out) {
  if (contraction == Contraction::forward) return kernels::conv2d(stream, s, x, w, out, {}, {});
  if (contraction == Contraction::input_grad)
    return kernels::conv2d_input_grad(stream, s, y, w, out, {});
  kernels::conv2d_weight_grad(stream, s, x, y, out, nullptr);
}

/// How a kernel that an explanation names is called.
std::string symbol_of(const std::string& explained) {
  if (explained == "thin") return "thin_";
  const bool tensor = explained.starts_with("tensor cores");
  const std::string tile = explained.find("128x128") != std::string::npos  ? "Tile<128, 128"
                           : explained.find("128x32") != std::string::npos ? "Tile<128, 32"
                           : explained.find("32x128") != std::string::npos ? "Tile<32, 128"
                                                                           : "Tile<64, 64";
  return (tensor ? "multiply_on_tensor_cores<ganymede::kernels::cuda::Tensor"
                 : "multiply<ganymede::kernels::cuda::") +
         tile;
}

std::uint64_t launches_with(const std::string& part) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : simt::launch_counts().by_name)
    if (name.find(part) != std::string::npos) sum += count;
  return sum;
}

/// What was launched is what is said.
void check_explained(Stream& stream, Contraction contraction, const ConvShape& s) {
  const DeviceArray memory(stream, 1 << 20);
  float* p = memory.data();
  simt::set_dry_run(true);
  simt::reset_launch_counts();
  run(stream, contraction, s, p, p, p, p);
  simt::set_dry_run(false);
  const auto said =
      kernels::explain({.contraction = contraction, .conv = s}, kernels::hardware_of(stream),
                       stream.math_mode(), kernels::kernel_table(stream).get());
  INFO(said.kernel << ", " << kernels::name_of(contraction));
  CHECK(launches_with(symbol_of(said.kernel)) == 1);
  CHECK(launches_with("add_splits<") ==
        (said.kernel.find("and their sum") != std::string::npos ? 1 : 0));
}

/// Values that no mode rounds.
DArray exact(DArray values) {
  for (double& v : values.v) v = std::round(32 * v) / 32;
  return values;
}

void check_results(const ConvShape& s, const std::string& where) {
  ConvSetup t(s, where);
  t.x = exact(t.x), t.w = exact(t.w), t.gy = exact(t.gy);
  Sentinels buffers(t.where);
  const float *x = buffers.input(to_float(t.x)), *w = buffers.input(to_float(t.w)),
              *gy = buffers.input(to_float(t.gy));
  float *y = buffers.output(t.y_count()), *gx = buffers.output(t.x_count()),
        *gw = buffers.output(s.weights());
  run(current_stream(), Contraction::forward, s, x, w, gy, y);
  run(current_stream(), Contraction::input_grad, s, x, w, gy, gx);
  run(current_stream(), Contraction::weight_grad, s, x, w, gy, gw);
  const auto one = [&](const float* got, const auto& oracle, const DArray& a, const DArray& b) {
    compare(t.where, buffers.read(got),
            expect(oracle(s, a, b), oracle(s, absolute(a), absolute(b))), t.k);
  };
  one(y, conv2d_oracle, t.x, t.w);
  one(gx, input_grad_oracle, t.gy, t.w);
  one(gw, weight_grad_oracle, t.x, t.gy);
}

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "ganymede_plans_test";
  Folder() { std::filesystem::remove_all(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("plans: what is launched is what an explanation says") {
  if (!sanitized) return;  // names are known there
  Stream stream(cuda_device());
  for (const MathMode mode : {MathMode::fp32, MathMode::tf32, MathMode::bf16}) {
    stream.set_math_mode(mode);
    for (const ConvShape& s :
         {conv_shape(1, 6, 6, 16, 8, 3, 3, 1, 1), conv_shape(2, 16, 16, 32, 128, 3, 3, 1, 1),
          conv_shape(4, 16, 16, 16, 24, 4, 4, 2, 1)})
      for (const Contraction contraction : contractions) check_explained(stream, contraction, s);
    check_explained(stream, Contraction::forward, conv_shape(1, 6, 6, 16, 1, 3, 3, 1, 1));
    check_explained(stream, Contraction::input_grad, conv_shape(1, 6, 6, 1, 16, 3, 3, 1, 1));
  }
}

TEST_CASE("plans: a table is obeyed for its shapes, the model for others") {
  if (!sanitized) return;
  Stream stream(cuda_device());
  stream.set_math_mode(MathMode::tf32);
  const ConvShape s = conv_shape(2, 16, 16, 32, 128, 3, 3, 1, 1),
                  other = conv_shape(2, 16, 16, 32, 64, 3, 3, 1, 1);
  for (const ProductPlan& plan : {ProductPlan{TileKind::small, 16}, ProductPlan{TileKind::small, 4},
                                  ProductPlan{TileKind::large, 2}, ProductPlan{TileKind::tall, 4},
                                  ProductPlan{TileKind::flat, 2}}) {
    kernels::set_kernel_table(stream, table_of(stream, s, plan));
    for (const Contraction contraction : contractions) {
      if (!is_eligible(stream, product_of(contraction, s), plan)) continue;
      const auto said =
          kernels::explain({.contraction = contraction, .conv = s}, kernels::hardware_of(stream),
                           MathMode::tf32, kernels::kernel_table(stream).get());
      CHECK_THAT(said.kernel, Contains(kernels::name_of(plan.tile)) &&
                                  Contains(std::to_string(plan.splits) + " splits"));
      check_explained(stream, contraction, s);
      check_explained(stream, contraction, other);
    }
    CHECK(launches_with("add_splits<") == 0);  // the last was another shape, by the model
  }
}

TEST_CASE("plans: every plan computes the same") {
  const ConvShape shapes[] = {conv_shape(1, 6, 5, 8, 12, 3, 3, 1, 1),
                              conv_shape(2, 7, 6, 12, 20, 4, 4, 2, 1)};
  on_each_cuda_backend([&](const std::string& backend) {
    Stream& stream = current_stream();
    for (const MathMode mode : {MathMode::fp32, MathMode::tf32})
      for (const TileKind tile : kernels::tile_kinds)
        for (const ConvShape& s : shapes) {
          if (kernels::taken_by_tables_alone(tile)) continue;  // math_mode.cpp has them
          stream.set_math_mode(mode);
          // Some are added up by clusters, the rest by 1, 8 and 32 threads for an element.
          for (const int splits : {4, 10, 20, 100}) {
            kernels::set_kernel_table(stream, table_of(stream, s, {tile, splits}));
            check_results(s, backend + ", " + kernels::name_of(mode) + ", " +
                                 kernels::name_of(tile) + ", " + std::to_string(splits));
          }
        }
  });
}

TEST_CASE("plans: a table of another device is refused") {
  Stream stream(cuda_device());
  kernels::Hardware other = kernels::hardware_of(stream);
  other.multiprocessors = 132;
  CHECK_THROWS_WITH(
      kernels::set_kernel_table(stream, std::make_shared<KernelTable>(other)),
      Contains("132 multiprocessors") && Contains("emulated device") && Contains("--tune"));
  CHECK(kernels::kernel_table(stream) == nullptr);
}

TEST_CASE("plans: a checkpoint and a run folder note the table") {
  const Folder folder;
  std::filesystem::create_directories(folder.path);
  Stream stream(cuda_device());
  const StreamScope scope(stream);
  const std::string with = folder.path / "with.h5", without = folder.path / "without.h5";
  CheckpointWriter().save(without);
  kernels::set_kernel_table(
      stream, table_of(stream, conv_shape(1, 6, 6, 16, 8, 3, 3, 1, 1), {TileKind::small, 4}));
  CheckpointWriter().save(with);
  CHECK(CheckpointReader(with).text("kernel_table") == "forced.json 5f2a");
  CHECK(!CheckpointReader(without).has_text("kernel_table"));

  const std::string run = folder.path / "run";
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  RunFolder::open(run, recipe, {});
  CHECK(RunFolder::open(run, recipe, {}).continued());
  kernels::set_kernel_table(stream, nullptr);
  CHECK_THROWS_AS(RunFolder::open(run, recipe, {}), SettingError);
  CHECK_THROWS_WITH(RunFolder::open(run, recipe, {}),
                    Contains("run.kernel_table is \"5f2a\" there and not set here"));
}
