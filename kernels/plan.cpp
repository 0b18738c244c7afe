#include <ganymede/kernels/plan.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <ganymede/config.h>
#include <ganymede/kernels/cpu/conv_routes.h>
#include <ganymede/kernels/stride_phase.h>
#include <ganymede/kernels/winograd_plan.h>

namespace ganymede::kernels {
namespace {

// ---- the model --------------------------------------------------------------------------------
// In clocks of one multiprocessor, for which every figure is meant.

constexpr double fma_per_clock = 128.0;
constexpr double loads_per_clock = 32.0;        // of four bytes, from the first-level cache
constexpr double wide_side_instructions = 2.5;  // for a product, counted in the code
constexpr double any_shape_instructions = 80.0;
constexpr double cache_bytes_per_clock = 24.0;  // second-level cache: its share of 5.5 TB/s
constexpr double shared_bytes_per_clock = 128.0;
constexpr double cluster_bytes_per_clock = 32.0, cluster_barriers = 400.0;

bool by_warpgroups(TileKind tile) {
  return tile == TileKind::warpgroup || tile == TileKind::warpgroup_tall;
}

/// Of 1,024 TF32 multiply-adds a clock mma.sync is known to reach some 62 % on Hopper; before it
/// there are 512, nearly all of which it reaches. bf16 has twice as many.
/// wgmma is said to reach some 85 %.
double multiply_adds_per_clock(const Hardware& h, MathMode mode, TileKind tile) {
  if (!on_tensor_cores(h, mode)) return fma_per_clock;
  if (by_warpgroups(tile)) return 0.85 * 1024.0;
  const double tf32 = h.compute_major >= 9 ? 0.62 * 1024.0 : 512.0;
  return mode == MathMode::bf16 ? 2.0 * tf32 : tf32;
}

/// A tile that products may be cut into, and the warps of its block: a thread has 8 x 8 elements on
/// the FMA units, a warp a square on tensor cores. Its four warps of 64 x 64, which read ahead of
/// their products, count for five.
struct Candidate {
  TileKind tile;
  const char* name;
  int m, n, warps, tensor_warps, tensor_warp_side;
  bool (*eligible)(const Hardware&, MathMode, Contraction);
};

bool anywhere(const Hardware&, MathMode, Contraction) { return true; }
/// Few columns: on tensor cores of convolutions with few filters or channels.
bool has_tall(const Hardware& h, MathMode mode, Contraction contraction) {
  return !on_tensor_cores(h, mode) || contraction == Contraction::forward ||
         contraction == Contraction::input_grad;
}
/// Few rows: of weight gradients with few filters.
bool has_flat(const Hardware& h, MathMode mode, Contraction contraction) {
  return on_tensor_cores(h, mode) && contraction == Contraction::weight_grad;
}
/// wgmma is in code for sm_90a, and takes TF32 operands that lie along k alone.
bool on_warpgroups(const Hardware& h, MathMode mode, Contraction contraction) {
  return GANYMEDE_HAS_SM90A && h.compute_major == 9 && h.compute_minor == 0 &&
         mode == MathMode::tf32 &&
         (contraction == Contraction::forward || contraction == Contraction::product_bt);
}

constexpr Candidate candidates[] = {
    {TileKind::large, "128x128", 128, 128, 8, 5, 64, anywhere},
    {TileKind::small, "64x64", 64, 64, 2, 4, 32, anywhere},
    {TileKind::tall, "128x32", 128, 32, 2, 4, 32, has_tall},
    {TileKind::flat, "32x128", 32, 128, 0, 4, 32, has_flat},
    {TileKind::warpgroup, "128x128 by warpgroups", 128, 128, 0, 8, 0, on_warpgroups},
    {TileKind::warpgroup_tall, "256x128 by warpgroups", 256, 128, 0, 8, 0, on_warpgroups}};

const Candidate& candidate(TileKind tile) {
  return *std::ranges::find(candidates, tile, &Candidate::tile);
}

int ceil_div(int a, int b) { return (a + b - 1) / b; }

std::int64_t tiles_of(const ProductExtents& e, const Candidate& c) {
  return std::int64_t{ceil_div(e.m, c.m)} * ceil_div(e.n, c.n) * e.z;
}

/// Steps along k are not cut: a split more may be an empty one.
int depth_of_split(int k, int splits) {
  constexpr int step = 16;
  return ceil_div(ceil_div(k, splits), step) * step;
}

/// A tile's step along k lasts as long as its multiply-adds, its way from the second-level cache
/// (what is soon read again the first-level one has, but for what surrounds the pixels: about as
/// much once more) or, on tensor cores, its way through shared memory: in once, out to each warp.
double clocks_of_step(const ProductExtents& e, const Candidate& c, const Hardware& h,
                      MathMode mode) {
  const double of_a = std::min(1.0, 2.0 / e.rereads_a),
               of_b = std::min(1.0, 2.0 / std::min(e.rereads_b, c.n / walked_channels));
  const double multiplied = double(c.m) * c.n / multiply_adds_per_clock(h, mode, c.tile);
  const double brought = 4.0 * (c.m * of_a + c.n * of_b) / cache_bytes_per_clock;
  if (!on_tensor_cores(h, mode) || c.tensor_warp_side == 0) return std::max(multiplied, brought);
  const double to_warps = 8.0 * c.m * c.n / c.tensor_warp_side;
  return std::max({multiplied, brought, (4.0 * (c.m + c.n) + to_warps) / shared_bytes_per_clock});
}

/// Blocks take turns on the multiprocessors; about six warps are wanted to run at full rate. Adding
/// up the splits costs a cluster its barriers and its tiles' way through shared memory, a second
/// pass a launch and the traffic of the partial products.
double clocks_of(const ProductExtents& e, const Candidate& c, int splits, const Hardware& h,
                 MathMode mode) {
  constexpr double full_rate_warps = 6.0, steps_of_overhead = 32.0;
  constexpr double launch_clocks = 4700.0, clocks_per_partial = 0.625;
  const double turns = std::ceil(double(tiles_of(e, c)) * splits / h.multiprocessors);
  const double warps = turns * (on_tensor_cores(h, mode) ? c.tensor_warps : c.warps);
  const double block =
      clocks_of_step(e, c, h, mode) * (depth_of_split(e.k, splits) + steps_of_overhead);
  const double product = turns * block / std::min(1.0, warps / full_rate_warps);
  if (splits == 1) return product;
  if (adds_in_cluster(h, mode, {c.tile, splits}))
    return product + turns * (cluster_barriers + 4.0 * c.m * c.n / cluster_bytes_per_clock);
  const double partials = splits * double(e.m) * e.n * e.z;
  return product + launch_clocks + clocks_per_partial * partials / h.multiprocessors;
}

/// Powers of two, which clusters take, and what fills all multiprocessors once. Very many are for
/// few tiles: their partial products are large otherwise.
std::vector<int> splits_of(const ProductExtents& e, const Candidate& c, const Hardware& h) {
  constexpr int least_k_per_split = 64, many = 64;
  const std::int64_t tiles = tiles_of(e, c);
  std::vector<int> all{1};
  const auto add = [&](std::int64_t splits) {
    const bool worth = splits <= many || tiles * splits <= 2 * h.multiprocessors;
    if (worth && splits <= most_splits && e.k / splits >= least_k_per_split)
      all.push_back(static_cast<int>(splits));
  };
  for (int splits = 2; splits <= most_splits; splits *= 2) add(splits);
  const std::int64_t filling = tiles > 0 ? h.multiprocessors / tiles : 0;
  if (filling > 1 && !std::has_single_bit(static_cast<std::uint64_t>(filling))) add(filling);
  return all;
}

std::vector<ProductPlan> plans_of(const Product& p, const Hardware& h, MathMode mode,
                                  bool modelled_only) {
  std::vector<ProductPlan> plans;
  for (const Candidate& c : candidates) {
    if (!c.eligible(h, mode, p.contraction)) continue;
    if (modelled_only && taken_by_tables_alone(c.tile)) continue;
    for (const int splits : splits_of(p.extents, c, h)) plans.push_back({c.tile, splits});
  }
  return plans;
}

// ---- convolutions -----------------------------------------------------------------------------

/// Largest number of pixels and of taps among an axis's phases.
std::pair<int, int> largest_phase(int extent, int kernel, int stride, int dilation, int pad) {
  std::pair<int, int> largest{0, 0};
  for (int i = 0; i < stride; ++i) {
    const AxisPhase phase = axis_phase(i, extent, kernel, stride, dilation, pad);
    largest = {std::max(largest.first, phase.count), std::max(largest.second, phase.taps)};
  }
  return largest;
}

/// Whether the kernels of a thin and a wide side (cuda/thin_map.cuh) take it, as far as extents
/// tell: the others take any shape, at many instructions for a product.
bool has_wide_side(const ConvShape& s) {
  const auto [thin, wide] = std::minmax(s.channels, s.filters);
  const int step = thin * s.stride_w;
  return s.groups == 1 && thin <= most_thin_channels && wide > most_thin_channels &&
         wide % 4 == 0 && (step <= 4 || step == 6);
}

std::string splits_in_words(int splits, bool in_cluster) {
  if (splits == 1) return {};
  return fmt::format(", {} splits{}", splits, in_cluster ? " in a cluster" : " and their sum");
}

bool is_gemm(Contraction contraction) { return contraction >= Contraction::product; }

std::optional<WinogradPlan> filtering_of(const ContractionShape& s, const Hardware& h,
                                         MathMode mode) {
  if (is_gemm(s.contraction)) return std::nullopt;
  return winograd_plan(s.conv, s.contraction, h, mode);
}

Explanation thin_explanation(const ContractionShape& s, const Hardware& h) {
  if (is_gemm(s.contraction)) {
    const double loads = 2.0 * double(s.gemm.m) * double(s.gemm.n) * double(s.gemm.k);
    return {"few columns", fmt::format("at most {} columns", most_few_columns),
            loads / loads_per_clock / h.multiprocessors};
  }
  const bool wide = has_wide_side(s.conv);
  const double instructions =
      s.conv.flops() / 2 * (wide ? wide_side_instructions : any_shape_instructions);
  return {wide ? "thin" : "thin, any shape",
          fmt::format("at most {} channels or filters", most_thin_channels),
          instructions / fma_per_clock / h.multiprocessors};
}

/// The table's plan, if it has one that the operands can take.
const ProductPlan* timed_plan(const Product& p, MathMode mode, const KernelTable* table,
                              bool for_warpgroups) {
  const ProductPlan* plan = table ? table->find(mode, p) : nullptr;
  return plan && (for_warpgroups || !taken_by_tables_alone(plan->tile)) ? plan : nullptr;
}

}  // namespace

// ---- devices ----------------------------------------------------------------------------------

std::string to_string(const Hardware& h) {
  if (h.kind == DeviceKind::cpu) return "cpu";
  return fmt::format("{}, {}.{}, {} multiprocessors", h.name, h.compute_major, h.compute_minor,
                     h.multiprocessors);
}

bool on_tensor_cores(const Hardware& h, MathMode mode) {
  return mode != MathMode::fp32 && h.compute_major >= 8;
}

bool adds_in_cluster(const Hardware& h, MathMode mode, const ProductPlan& plan) {
  constexpr unsigned most_blocks = 8;
  const auto splits = static_cast<unsigned>(plan.splits);
  return splits > 1 && splits <= most_blocks && std::has_single_bit(splits) &&
         h.compute_major >= 9 && on_tensor_cores(h, mode) && !by_warpgroups(plan.tile);
}

// ---- names ------------------------------------------------------------------------------------

const char* name_of(MathMode mode) {
  return mode == MathMode::tf32 ? "tf32" : mode == MathMode::bf16 ? "bf16" : "fp32";
}

const char* name_of(Contraction contraction) {
  constexpr const char* names[] = {"conv2d",  "conv2d input grad", "conv2d weight grad", "gemm",
                                   "gemm Bt", "gemm At",           "gemm At Bt"};
  return names[std::size_t(contraction)];
}

const char* name_of(TileKind tile) { return candidate(tile).name; }

bool taken_by_tables_alone(TileKind tile) { return by_warpgroups(tile); }

// ---- convolutions -----------------------------------------------------------------------------

bool takes_thin_kernel(Contraction contraction, const ConvShape& s) {
  // A long filter over few channels (a 7x7 stem) is better off in the tiled product.
  const int longest_thin_filter = has_wide_side(s) ? 80 : 48;
  const int channels = s.channels / s.groups, filters = s.filters / s.groups;
  const bool few_channels = channels <= most_thin_channels,
             few_filters = filters <= most_thin_channels;
  const bool short_filter = s.kernel_h * s.kernel_w * channels <= longest_thin_filter;
  switch (contraction) {
    case Contraction::forward:
      return few_channels ? short_filter || few_filters : s.groups == 1 && few_filters;
    case Contraction::input_grad:
      return few_filters || (s.groups == 1 && few_channels);
    default:
      return few_filters || (few_channels && short_filter);
  }
}

ProductExtents product_extents(Contraction contraction, const ConvShape& s) {
  const int channels = s.channels / s.groups, filters = s.filters / s.groups;
  const int pixels = s.batch * s.out_height() * s.out_width();
  const int depth = s.kernel_h * s.kernel_w * channels;
  // What comes by again while the first-level cache has it. Strides part the taps into phases that
  // see other pixels; a tile's columns show a few taps at a time.
  const auto rereads = [](int group_channels, int taps, int phases = 1) {
    const bool soon = channels_at_a_time(group_channels, taps) < group_channels ||
                      group_channels <= walked_channels;
    return soon ? std::max(1, taps / phases) : 1;
  };
  const int taps = s.kernel_h * s.kernel_w, phases = s.stride_h * s.stride_w;
  if (contraction == Contraction::forward)
    return {pixels, filters, depth, s.groups, rereads(channels, taps, phases)};
  if (contraction == Contraction::weight_grad) {
    constexpr int taps_of_tile = 128 / walked_channels;
    return {filters,  depth, pixels,
            s.groups, 1,     rereads(channels, std::min(taps, taps_of_tile), phases)};
  }
  const auto [rows, row_taps] =
      largest_phase(s.height, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top);
  const auto [columns, column_taps] =
      largest_phase(s.width, s.kernel_w, s.stride_w, s.dilation_w, s.pad_left);
  return {s.batch * rows * columns, channels, row_taps * column_taps * filters,
          s.stride_h * s.stride_w * s.groups, rereads(filters, row_taps * column_taps)};
}

std::optional<Product> product_of(const ContractionShape& s) {
  if (is_gemm(s.contraction) && s.gemm.n <= most_few_columns) return std::nullopt;
  if (is_gemm(s.contraction))
    return Product{s.contraction, {int(s.gemm.m), int(s.gemm.n), int(s.gemm.k)}};
  if (takes_thin_kernel(s.contraction, s.conv)) return std::nullopt;
  return Product{s.contraction, product_extents(s.contraction, s.conv)};
}

// ---- plans ------------------------------------------------------------------------------------

std::vector<ProductPlan> eligible_plans(const Product& p, const Hardware& h, MathMode mode) {
  return plans_of(p, h, mode, false);
}

double predicted_clocks(const Product& p, const ProductPlan& plan, const Hardware& h,
                        MathMode mode) {
  return clocks_of(p.extents, candidate(plan.tile), plan.splits, h, mode);
}

bool fits_warpgroups(const ContractionShape& s) {
  if (s.contraction == Contraction::forward)
    return s.conv.x_stride() % 4 == 0 && s.conv.channels / s.conv.groups % 4 == 0;
  return s.contraction == Contraction::product_bt && s.gemm.k % 4 == 0;
}

ProductPlan plan_product(const Product& p, const Hardware& h, MathMode mode,
                         const KernelTable* table, bool for_warpgroups) {
  if (const ProductPlan* timed = timed_plan(p, mode, table, for_warpgroups)) return *timed;
  ProductPlan best{};
  double lowest = std::numeric_limits<double>::infinity();
  for (const ProductPlan& plan : plans_of(p, h, mode, true)) {
    const double now = predicted_clocks(p, plan, h, mode);
    if (now < lowest) lowest = now, best = plan;
  }
  return best;
}

// ---- tables -----------------------------------------------------------------------------------

void KernelTable::set(MathMode mode, const Product& product, const ProductPlan& plan) {
  if (!candidate(plan.tile).eligible(device_, mode, product.contraction))
    throw SettingError(fmt::format("{} has no tile {} for a {} in {}", to_string(device_),
                                   name_of(plan.tile), name_of(product.contraction),
                                   name_of(mode)));
  if (plan.splits < 1 || plan.splits > most_splits)
    throw SettingError(fmt::format("{} splits of a {}; 1 to {} are possible", plan.splits,
                                   name_of(product.contraction), most_splits));
  plans_[{mode, product}] = plan;
}

const ProductPlan* KernelTable::find(MathMode mode, const Product& product) const {
  const auto found = plans_.find({mode, product});
  return found == plans_.end() ? nullptr : &found->second;
}

// ---- explanations -----------------------------------------------------------------------------

Explanation explain(const ContractionShape& s, const Hardware& h, MathMode mode,
                    const KernelTable* table) {
  if (h.kind == DeviceKind::cpu) return cpu::explain(s);
  if (const auto filtering = filtering_of(s, h, mode))
    return {fmt::format("F({0}x{0}, {1}x{1}) on FMA units", filtering->outputs, filtering->taps),
            "minimal filtering counts less than the direct sum", filtering->clocks};
  const std::optional<Product> product = product_of(s);
  if (!product) return thin_explanation(s, h);
  const bool for_warpgroups = fits_warpgroups(s);
  const ProductPlan plan = plan_product(*product, h, mode, table, for_warpgroups);
  const bool timed = timed_plan(*product, mode, table, for_warpgroups);
  return {
      fmt::format("{} {}{}", on_tensor_cores(h, mode) ? "tensor cores" : "FMA units",
                  name_of(plan.tile), splits_in_words(plan.splits, adds_in_cluster(h, mode, plan))),
      timed ? fmt::format("timed, in table {}", table->name) : "cheapest by the model",
      predicted_clocks(*product, plan, h, mode)};
}

}  // namespace ganymede::kernels
