#include "tune.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/kernels/winograd_plan.h>

#include "measure.h"

namespace ganymede::bench {
namespace {

using kernels::KernelTable;
using kernels::Product;
using kernels::ProductPlan;

std::string text(const ProductPlan& plan) {
  return fmt::format("{} x{}", kernels::name_of(plan.tile), plan.splits);
}

/// The table that an earlier run left in the file.
KernelTable table_to_go_on_with(const std::string& path, const kernels::Hardware& device) {
  if (path.empty() || !std::filesystem::exists(path)) return KernelTable(device);
  const std::string mend = "; remove it, or name another file for --tune";
  try {
    KernelTable table = *load_kernel_table(path);
    if (table.device() == device) return table;
    throw SettingError("kernel table " + path + ": it is of " + to_string(table.device()) +
                       ", this is " + to_string(device));
  } catch (const SettingError& e) {
    throw SettingError(e.what() + mend);
  }
}

/// Ends the program where a plan does not end: nothing else stops a kernel that hangs.
class Watch {
 public:
  Watch(double most_seconds, std::string plan)
      : thread_([=, this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          const std::chrono::duration<double> most(most_seconds);
          ended_.wait_for(lock, stop, most, [] { return false; });
          if (stop.stop_requested()) return;
          fmt::print(stderr, "tune: {}: no end after {:.0f} s; it is left out from now on\n", plan,
                     most_seconds);
          std::fflush(nullptr);
          std::_Exit(4);  // no destructor would come back from this device
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // ends before what it waits with
};

/// A SIGTERM waits for the end of a trial during the scope's life.
class PatientScope {
 public:
  PatientScope() : before_(std::signal(SIGTERM, [](int) { asked_ = 1; })) { asked_ = 0; }
  ~PatientScope() { std::signal(SIGTERM, before_); }
  PatientScope(const PatientScope&) = delete;
  PatientScope& operator=(const PatientScope&) = delete;
  static bool asked_to_stop() { return asked_ != 0; }

 private:
  static inline volatile std::sig_atomic_t asked_ = 0;
  void (*before_)(int);
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

GrowingTable::GrowingTable(std::string path, const kernels::Hardware& device)
    : path_(std::move(path)), table_(table_to_go_on_with(path_, device)) {
  const std::string trying = path_ + ".trying";
  if (path_.empty() || !std::filesystem::exists(trying)) return;
  const std::vector<std::uint8_t> bytes = read_file(trying);
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) dead_.insert(line);
}

bool GrowingTable::has(MathMode mode, const Product& product) const {
  return table_.find(mode, product) != nullptr;
}

std::string GrowingTable::line_of(MathMode mode, const Product& product,
                                  const ProductPlan& plan) const {
  const auto& [m, n, k, z, rereads_a, rereads_b] = product.extents;
  return fmt::format("{}: {} {} {}x{}x{} z {} ({}, {}), {}", to_string(table_.device()),
                     kernels::name_of(mode), kernels::name_of(product.contraction), m, n, k, z,
                     rereads_a, rereads_b, text(plan));
}

std::string GrowingTable::why_left_out(MathMode mode, const Product& product,
                                       const ProductPlan& plan) const {
  constexpr int most_dead = 3;
  if (dead_.contains(line_of(mode, product, plan)))
    return "it was under trial when an earlier run died";
  const std::string begin =
      fmt::format("{}: {} ", to_string(table_.device()), kernels::name_of(mode));
  const std::string tile = fmt::format("), {} x", kernels::name_of(plan.tile));
  const auto dead = std::ranges::count_if(dead_, [&](const std::string& line) {
    return line.starts_with(begin) && line.find(tile) != std::string::npos;
  });
  return dead < most_dead ? "" : fmt::format("earlier runs died of {} plans of its tile", dead);
}

void GrowingTable::begin_trial(MathMode mode, const Product& product, const ProductPlan& plan) {
  write_trials(line_of(mode, product, plan));
}

void GrowingTable::end_trial() { write_trials({}); }

void GrowingTable::write_trials(const std::string& under_trial) const {
  if (path_.empty()) return;
  std::string lines;
  for (const std::string& line : dead_) lines += line + '\n';
  if (!under_trial.empty()) lines += under_trial + '\n';
  const std::string trying = path_ + ".trying";
  if (!lines.empty()) return write_file(trying, lines);
  std::error_code none_there;
  std::filesystem::remove(trying, none_there);
}

void GrowingTable::add(MathMode mode, const Product& product, const ProductPlan& plan) {
  table_.set(mode, product, plan);
  if (!path_.empty()) save_kernel_table(path_, table_);
}

std::vector<TimedPlan> tune_product(GrowingTable& table, MathMode mode, const Product& product,
                                    const std::vector<ProductPlan>& plans, const PlanClock& clock) {
  std::vector<TimedPlan> timed;
  for (const ProductPlan& plan : plans) {
    const std::string line = table.line_of(mode, product, plan);
    if (const std::string why = table.why_left_out(mode, product, plan); !why.empty()) {
      fmt::print("left out, {}: {}\n", why, line);
      continue;
    }
    table.begin_trial(mode, product, plan);
    try {
      timed.push_back({plan, clock(plan)});
    } catch (const DeviceError& e) {
      throw DeviceError("tune: " + line + ": " + e.what() +
                        "; the same command again leaves this plan out and goes on");
    }
  }
  table.end_trial();
  if (timed.empty())
    fmt::print("no plan is left of {} products: the model's is kept\n",
               kernels::name_of(product.contraction));
  else
    table.add(mode, product, std::ranges::min_element(timed, {}, &TimedPlan::seconds)->plan);
  return timed;
}

namespace {

void print_row(const Work& work, const std::vector<TimedPlan>& timed, const ProductPlan& by_model) {
  const auto best = std::ranges::min_element(timed, {}, &TimedPlan::seconds);
  const auto expected = std::ranges::find(timed, by_model, &TimedPlan::plan);
  fmt::print("{:<28} {:<44} {:<34} {} {}\n", work.op, work.layer, work.shape, text(*best),
             expected == timed.end() ? "left out" : text(*expected));
  std::fflush(stdout);
}

/// Longer than the largest product and a slow plan of it ever take.
double most_seconds(double seconds) { return 30 + 10 * seconds; }

/// Times a work's product into the table, where it is to be in a file with a watch on each plan.
void tune_work(Stream& stream, const Work& work, const Product& product,
               const std::vector<ProductPlan>& plans, double seconds, bool watched,
               GrowingTable& table) {
  const MathMode mode = stream.math_mode();
  const auto clock = [&](const ProductPlan& plan) {
    if (watched && PatientScope::asked_to_stop()) {
      table.end_trial();
      throw Error("tune: asked to stop; the same command again goes on");
    }
    std::optional<Watch> watch;
    if (watched) watch.emplace(most_seconds(seconds), table.line_of(mode, product, plan));
    return time_plan(stream, work, product, plan, seconds);
  };
  const std::vector<TimedPlan> timed = tune_product(table, mode, product, plans, clock);
  if (!timed.empty())
    print_row(work, timed, kernels::plan_product(product, table.table().device(), mode));
}

}  // namespace

KernelTable tune(Stream& stream, const std::vector<Work>& works, double seconds,
                 const std::string& path) {
  const kernels::Hardware device = kernels::hardware_of(stream);
  if (device.kind == DeviceKind::cpu)
    throw SettingError(
        "tune: tiles and splits are the GPU's; the CPU's route follows from the shape alone");
  const MathMode mode = stream.math_mode();
  GrowingTable table(path, device);
  std::optional<PatientScope> patient;
  if (!path.empty()) patient.emplace();
  fmt::print("{}, {}\n{:<28} {:<44} {:<34} {:<26} by the model\n", to_string(device),
             kernels::name_of(mode), "op", "layer", "shape", "fastest");
  std::set<Product> met, known;
  for (const Work& work : works) {
    const std::vector<ProductPlan> plans = plans_that_run(work, device, mode);
    if (plans.empty()) continue;
    const Product product = *kernels::product_of(*work.contraction);
    if (!met.insert(product).second) continue;
    if (table.has(mode, product))
      known.insert(product);
    else
      tune_work(stream, work, product, plans, seconds, !path.empty(), table);
  }
  if (!known.empty()) fmt::print("{} products were in {} already\n", known.size(), path);
  return table.table();
}

}  // namespace ganymede::bench
