#include "tune.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/winograd_plan.h>

#include "measure.h"

namespace ganymede::bench {
namespace {

using kernels::KernelTable;
using kernels::Product;
using kernels::ProductPlan;

struct TimedPlan {
  ProductPlan plan;
  double seconds;
};

/// Seconds of a work whose product follows this plan.
double time_plan(Stream& stream, const Work& work, const Product& product, const ProductPlan& plan,
                 double seconds) {
  auto table = std::make_shared<KernelTable>(kernels::hardware_of(stream));
  table->set(stream.math_mode(), product, plan);
  kernels::set_kernel_table(stream, std::move(table));
  const Timing timing = measure(stream, work, seconds);
  kernels::set_kernel_table(stream, nullptr);
  return timing.seconds;
}

std::string text(const TimedPlan& timed) {
  return fmt::format("{:<8} x{:<3} {:>9.2f} us", kernels::name_of(timed.plan.tile),
                     timed.plan.splits, 1e6 * timed.seconds);
}

}  // namespace

std::vector<ProductPlan> plans_that_run(const Work& work, const kernels::Hardware& device,
                                        MathMode mode) {
  if (!work.contraction) return {};
  const kernels::ContractionShape& shape = *work.contraction;
  const auto product = kernels::product_of(shape);
  const bool is_conv = shape.contraction < kernels::Contraction::product;
  if (!product || (is_conv && kernels::winograd_plan(shape.conv, shape.contraction, device, mode)))
    return {};
  std::vector<ProductPlan> plans = kernels::eligible_plans(*product, device, mode);
  if (!kernels::fits_warpgroups(shape))
    std::erase_if(plans, [](const ProductPlan& p) { return taken_by_tables_alone(p.tile); });
  return plans;
}

KernelTable tune(Stream& stream, const std::vector<Work>& works, double seconds) {
  const kernels::Hardware device = kernels::hardware_of(stream);
  if (device.kind == DeviceKind::cpu)
    throw SettingError(
        "tune: tiles and splits are the GPU's; the CPU's route follows from the shape alone");
  const MathMode mode = stream.math_mode();
  KernelTable table(device);
  fmt::print("{}, {}\n{:<28} {:<44} {:<34} {:<26} by the model\n", to_string(device),
             kernels::name_of(mode), "op", "layer", "shape", "fastest");
  for (const Work& work : works) {
    const std::vector<ProductPlan> plans = plans_that_run(work, device, mode);
    if (plans.empty()) continue;
    const auto product = kernels::product_of(*work.contraction);
    if (table.find(mode, *product)) continue;
    std::vector<TimedPlan> timed;
    for (const ProductPlan& plan : plans)
      timed.push_back({plan, time_plan(stream, work, *product, plan, seconds)});
    const TimedPlan best = *std::ranges::min_element(timed, {}, &TimedPlan::seconds);
    const TimedPlan expected =
        *std::ranges::find(timed, kernels::plan_product(*product, device, mode), &TimedPlan::plan);
    table.set(mode, *product, best.plan);
    fmt::print("{:<28} {:<44} {:<34} {} {}\n", work.op, work.layer, work.shape, text(best),
               text(expected));
    std::fflush(stdout);
  }
  return table;
}

}  // namespace ganymede::bench
