// Which kernel a contraction takes: for devices that are not here, by the functions that choose on
// those that are.
#include <catch2/catch.hpp>

#include <ganymede/config.h>
#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

#include "test/conv_setup.h"

using namespace ganymede;
using namespace ganymede::kernels;
using Catch::Contains;
using test::conv_shape;

namespace {

const Hardware h200{DeviceKind::cuda, "NVIDIA H200", 9, 0, 132};
const Hardware turing{DeviceKind::cuda, "Tesla T4", 7, 5, 40};
const Hardware cpu_hardware{.name = "cpu"};

/// Paper 000's most expensive layer.
const ConvShape wide_layer = conv_shape(16, 32, 32, 128, 128, 5, 5, 1, 2);

Explanation explained(Contraction contraction, const ConvShape& s, const Hardware& h,
                      const KernelTable* table = nullptr) {
  return explain({.contraction = contraction, .conv = s}, h, MathMode::tf32, table);
}

struct File {
  std::string path = "plan_test_table.json";
  ~File() { std::remove(path.c_str()); }
  void write(const std::string& text) const { write_file(path, text); }
  std::string text() const {
    const auto bytes = read_file(path);
    return {bytes.begin(), bytes.end()};
  }
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("plan: extents of the three contractions", "[plan]") {
  const ConvShape s = conv_shape(2, 9, 8, 33, 31, 4, 4, 2, 1);  // 4 x 4 outputs
  CHECK(product_extents(Contraction::forward, s) == ProductExtents{32, 31, 16 * 33, 1});
  CHECK(product_extents(Contraction::weight_grad, s) == ProductExtents{31, 16 * 33, 32, 1});
  // Phases of 5 x 4 and 4 x 4 pixels, 2 x 2 taps each: the largest.
  CHECK(product_extents(Contraction::input_grad, s) == ProductExtents{2 * 5 * 4, 33, 4 * 31, 4});
  // Channels that can be parted are walked a few at a time: pixels are read again at each tap.
  CHECK(product_extents(Contraction::forward, wide_layer).rereads_a == 25);
  CHECK(product_extents(Contraction::input_grad, wide_layer).rereads_a == 25);
  CHECK(product_extents(Contraction::weight_grad, wide_layer).rereads_b == 8);
  CHECK(product_extents(Contraction::forward, conv_shape(16, 32, 32, 128, 128, 4, 4, 2, 1))
            .rereads_a == 4);
  CHECK(product_extents(Contraction::forward, conv_shape(1, 8, 8, 64, 64, 1, 1)).rereads_a == 1);
}

TEST_CASE("plan: few products are split, many are not", "[plan]") {
  const auto plan = [](Contraction contraction, const ConvShape& s) {
    return plan_product(*product_of({.contraction = contraction, .conv = s}), h200, MathMode::tf32);
  };
  // 128 tiles: two blocks on a multiprocessor hide what one waits for. 25: 8 splits come to two.
  CHECK(plan(Contraction::forward, wide_layer) == ProductPlan{TileKind::large, 2});
  CHECK(plan(Contraction::weight_grad, wide_layer) == ProductPlan{TileKind::large, 8});
  CHECK(plan(Contraction::forward, conv_shape(64, 32, 32, 128, 128, 5, 5, 1, 2)) ==
        ProductPlan{TileKind::large, 1});
  CHECK(plan(Contraction::forward, conv_shape(16, 4, 4, 512, 512, 3, 3, 1, 1)).splits > 1);
  CHECK(plan(Contraction::forward, conv_shape(16, 8, 8, 128, 128, 4, 4, 2, 1)) ==
        ProductPlan{TileKind::small, 8});
  // A DenseNet's growth: 32 filters, which squares would leave half empty.
  const ConvShape growth = conv_shape(32, 32, 32, 128, 32, 3, 3, 1, 1);
  CHECK(plan(Contraction::forward, growth).tile == TileKind::tall);
  CHECK(plan(Contraction::weight_grad, growth).tile == TileKind::flat);
  // 16 x 64 elements, 16,384 deep: one tile, which nothing but splits spreads.
  CHECK(plan(Contraction::weight_grad, conv_shape(16, 32, 32, 64, 16, 1, 1, 1, 0)) ==
        ProductPlan{TileKind::small, 256});
}

TEST_CASE("plan: the model takes the cheapest of what the device has", "[plan]") {
  const Product product = *product_of({.contraction = Contraction::forward, .conv = wide_layer});
  for (const Hardware& h : {h200, turing})
    for (const MathMode mode : {MathMode::fp32, MathMode::tf32, MathMode::bf16}) {
      const ProductPlan chosen = plan_product(product, h, mode);
      const auto all = eligible_plans(product, h, mode);
      CHECK(std::find(all.begin(), all.end(), chosen) != all.end());
      for (const ProductPlan& other : all)
        if (!kernels::taken_by_tables_alone(other.tile))
          CHECK(predicted_clocks(product, chosen, h, mode) <=
                predicted_clocks(product, other, h, mode));
    }
  CHECK(predicted_clocks(product, {TileKind::large, 1}, h200, MathMode::tf32) <
        predicted_clocks(product, {TileKind::large, 1}, h200, MathMode::fp32) / 2);
}

TEST_CASE("plan: explanations name the kernel", "[plan]") {
  CHECK(explained(Contraction::forward, wide_layer, h200).kernel ==
        "tensor cores 128x128, 2 splits in a cluster");
  CHECK_THAT(explained(Contraction::forward, wide_layer, turing).kernel, Contains("FMA units"));
  const ConvShape to_image = conv_shape(16, 32, 32, 128, 1, 5, 5, 1, 2);
  for (const Hardware& h : {h200, cpu_hardware})
    CHECK(explained(Contraction::forward, to_image, h).kernel == "thin");
  CHECK(explained(Contraction::forward, wide_layer, cpu_hardware).kernel == "winograd");
  const ConvShape small_image = conv_shape(64, 2, 2, 128, 32, 3, 3, 1, 1);
  for (const ConvShape& s : {to_image, small_image})
    CHECK_THAT(explained(Contraction::input_grad, s, cpu_hardware).kernel, Contains("direct"));
  const ConvShape few_tiles = conv_shape(8, 8, 8, 128, 256, 4, 4, 2, 1);
  for (const Contraction c :
       {Contraction::forward, Contraction::input_grad, Contraction::weight_grad})
    CHECK(explained(c, few_tiles, cpu_hardware).kernel == "winograd");
  const ConvShape many_weights = conv_shape(64, 2, 2, 512, 512, 3, 3, 1, 1);
  for (const Contraction c : {Contraction::forward, Contraction::weight_grad})
    CHECK(explained(c, many_weights, cpu_hardware).kernel == "winograd");
  CHECK_THAT(explained(Contraction::input_grad, many_weights, cpu_hardware).kernel,
             Contains("direct"));
  const ConvShape one_pixel = conv_shape(16, 8, 8, 64, 128, 1, 1, 1, 0);
  CHECK_THAT(explained(Contraction::forward, one_pixel, cpu_hardware).kernel, Contains("direct"));
  CHECK_THAT(explained(Contraction::weight_grad, one_pixel, cpu_hardware).kernel,
             Contains("product"));
  CHECK_THAT(explained(Contraction::forward, wide_layer, h200).why, Contains("model"));
}

TEST_CASE("plan: a table decides for what it has, the model for the rest", "[plan]") {
  const Product product = *product_of({.contraction = Contraction::forward, .conv = wide_layer});
  KernelTable table(h200);
  table.name = "mine.json";
  table.set(MathMode::tf32, product, {TileKind::small, 4});
  const Explanation timed = explained(Contraction::forward, wide_layer, h200, &table);
  CHECK(timed.kernel == "tensor cores 64x64, 4 splits in a cluster");
  CHECK_THAT(timed.why, Contains("mine.json"));
  CHECK(explained(Contraction::input_grad, wide_layer, h200, &table).why ==
        explained(Contraction::input_grad, wide_layer, h200).why);
  CHECK(plan_product(product, h200, MathMode::bf16, &table) ==
        plan_product(product, h200, MathMode::bf16));
  CHECK_THROWS_AS(table.set(MathMode::tf32, product, {TileKind::flat, 1}), SettingError);
  CHECK_THROWS_AS(table.set(MathMode::tf32, product, {TileKind::large, 0}), SettingError);
  CHECK_NOTHROW(table.set(MathMode::fp32, product, {TileKind::tall, 1}));
}

TEST_CASE("plan: a table's plan by warpgroups is left where they cannot take the operands",
          "[plan]") {
  if (!GANYMEDE_HAS_SM90A) return;  // such a build refuses the table
  ConvShape odd = wide_layer;
  odd.channels -= 2;
  for (const ConvShape& s : {wide_layer, odd}) {
    const ContractionShape shape{.contraction = Contraction::forward, .conv = s};
    KernelTable table(h200);
    table.set(MathMode::tf32, *product_of(shape), {TileKind::warpgroup, 1});
    CHECK(fits_warpgroups(shape) == (s.channels % 4 == 0));
    const Explanation with = explained(Contraction::forward, s, h200, &table);
    CHECK((with.why == explained(Contraction::forward, s, h200).why) == !fits_warpgroups(shape));
    CHECK((with.kernel.find("warpgroups") != std::string::npos) == fits_warpgroups(shape));
  }
}

TEST_CASE("plan: a table's file is read as it was written, others are refused", "[plan]") {
  const File file;
  KernelTable table(h200);
  const Product forward = *product_of({.contraction = Contraction::forward, .conv = wide_layer});
  const Product dense{gemm_contraction(true, false), {3, 5, 7, 1}};
  table.set(MathMode::tf32, forward, {TileKind::small, 4});
  table.set(MathMode::fp32, dense, {TileKind::tall, 2});
  save_kernel_table(file.path, table);
  const auto read = load_kernel_table(file.path);
  CHECK(read->device() == h200);
  CHECK(read->plans() == table.plans());
  CHECK(read->name == file.path);
  CHECK(read->sha256.size() == 64);

  const std::string text = file.text();
  const auto refused = [&](const std::string& what, const std::string& by,
                           const std::string& reason) {
    file.write(replaced(text, what, by));
    CHECK_THROWS_WITH(load_kernel_table(file.path), Contains(file.path) && Contains(reason));
  };
  refused("\"version\": \"", "\"version\": \"9.", "time it anew");
  refused("\"splits\": 4", "\"splits\": 400", "400 splits");
  refused("64x64", "65x65", "'65x65' is not known");
  refused("64x64", "32x128", "no tile 32x128 for a conv2d in tf32");
  refused("\"kind\"", "\"sort\"", "kind");
  refused("{", "", "parse error");
}

TEST_CASE("plan: a table belongs to its device", "[plan]") {
  Stream stream(cpu_device);
  CHECK_THROWS_WITH(set_kernel_table(stream, std::make_shared<KernelTable>(h200)),
                    Contains("NVIDIA H200") && Contains("cpu"));
  CHECK(kernel_table(stream) == nullptr);
}
