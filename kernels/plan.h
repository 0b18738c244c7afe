#pragma once
// Which kernel a contraction takes: a pure function of its shape, the device, the math mode and a
// table of timed plans. The kernels ask here, and so does whoever wants to know why.

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ganymede/kernels/conv.h>
#include <ganymede/kernels/gemm.h>

namespace ganymede::kernels {

/// What a plan depends on of a device. The numbers are 0 for the CPU.
struct Hardware {
  DeviceKind kind = DeviceKind::cpu;
  std::string name;  ///< "NVIDIA H200"
  /// Compute capability of the code that is loaded, which the device's may exceed: code of sm_80
  /// has no clusters of blocks on any device.
  int compute_major = 0, compute_minor = 0, multiprocessors = 0;
  friend bool operator==(const Hardware&, const Hardware&) = default;
};

/// "NVIDIA H200, 9.0, 132 multiprocessors"; "cpu".
std::string to_string(const Hardware& hardware);

/// Of a stream's device, asked once for each stream.
Hardware hardware_of(const Stream& stream);

/// Whether TF32 and bf16 products run on tensor cores there (sm_80 and newer). In fp32 none do.
bool on_tensor_cores(const Hardware& hardware, MathMode mode);

const char* name_of(MathMode mode);  ///< "fp32", "tf32", "bf16"

// ---- contractions -----------------------------------------------------------------------------

/// Of a convolution, where the transposed one is an input_grad; and gemm by its transposed
/// operands.
enum class Contraction : std::uint8_t {
  forward,
  input_grad,
  weight_grad,
  product,
  product_bt,
  product_at,
  product_at_bt
};
constexpr Contraction gemm_contraction(bool transpose_a, bool transpose_b) {
  if (transpose_a) return transpose_b ? Contraction::product_at_bt : Contraction::product_at;
  return transpose_b ? Contraction::product_bt : Contraction::product;
}
const char* name_of(Contraction contraction);  ///< "conv2d input grad", "gemm Bt"

/// A contraction with its extents: `conv` or `gemm` counts, as its kind says.
struct ContractionShape {
  Contraction contraction = Contraction::forward;
  ConvShape conv{};
  GemmShape gemm{};
};

/// Channels or filters per group that are called thin: too few to fill a tile.
inline constexpr int most_thin_channels = 4;

/// Columns of a gemm that a tile would mostly be empty for: each element is a fold over k instead.
inline constexpr int most_few_columns = 4;

/// Whether a convolution goes to the CUDA kernels for thin ends, not to a tiled product.
bool takes_thin_kernel(Contraction contraction, const ConvShape& shape);

// ---- tiled products on CUDA -------------------------------------------------------------------

inline constexpr int walked_channels = 16;

/// Where a convolution's product comes by an image's windows (along k, for weight gradients along
/// columns) it goes by a few channels at all taps, then the next few, so that the first-level cache
/// still has the pixels that one tap shares with another. How many at a time: all of the group's
/// where there is one tap or they cannot be parted.
constexpr int channels_at_a_time(int group_channels, int taps) {
  return taps > 1 && group_channels % walked_channels == 0 ? walked_channels : group_channels;
}

/// Extents of `z` products of one kind (groups x phases); the largest, where they differ.
struct ProductExtents {
  int m, n, k, z = 1;
  int rereads_a = 1,
      rereads_b = 1;  ///< how often an element is soon read again: by a window's taps
  friend auto operator<=>(const ProductExtents&, const ProductExtents&) = default;
};

/// The tiled product that a convolution is. Its extents fit an int (cuda::geometry checks them).
ProductExtents product_extents(Contraction contraction, const ConvShape& shape);

/// What a plan is made for, and the key of a table.
struct Product {
  Contraction contraction;
  ProductExtents extents;
  friend auto operator<=>(const Product&, const Product&) = default;
};
/// Nothing for what takes a thin kernel or has few columns.
std::optional<Product> product_of(const ContractionShape& shape);

/// Tiles of the result: 128 x 128, 128 x 32, 32 x 128, 64 x 64; by warpgroups 128 x 128 and
/// 256 x 128.
enum class TileKind : std::uint8_t { large, tall, flat, small, warpgroup, warpgroup_tall };
inline constexpr TileKind tile_kinds[] = {TileKind::large,     TileKind::tall,
                                          TileKind::flat,      TileKind::small,
                                          TileKind::warpgroup, TileKind::warpgroup_tall};
const char* name_of(TileKind tile);  ///< "128x128", "256x128 by warpgroups"
/// Warpgroups: no GPU has shown yet where they win, so the model leaves them to tables.
bool taken_by_tables_alone(TileKind tile);

struct ProductPlan {
  TileKind tile;
  int splits;  ///< parts of k, added up by a cluster or a second kernel
  friend bool operator==(const ProductPlan&, const ProductPlan&) = default;
};
inline constexpr int most_splits = 256;

/// Whether the splits (2, 4 or 8) are added up by clusters of blocks, not by a second launch: on
/// tensor cores but not by warpgroups, on devices with clusters (sm_90 and newer).
bool adds_in_cluster(const Hardware& hardware, MathMode mode, const ProductPlan& plan);

class KernelTable;

/// Whether warpgroups can take the operands of a contraction that has no prologue: both run along
/// k, in fours.
bool fits_warpgroups(const ContractionShape& shape);

/// Tile and splits: the table's where it has the product, else the cheapest by the model. Operands
/// that are not `for_warpgroups` leave a table's plan by them for the model's.
ProductPlan plan_product(const Product& product, const Hardware& hardware, MathMode mode,
                         const KernelTable* table = nullptr, bool for_warpgroups = true);

/// Every plan worth timing there, those included that the model never takes.
std::vector<ProductPlan> eligible_plans(const Product& product, const Hardware& hardware,
                                        MathMode mode);

/// What the model expects of a plan, in clocks of the device.
double predicted_clocks(const Product& product, const ProductPlan& plan, const Hardware& hardware,
                        MathMode mode);

// ---- tables -----------------------------------------------------------------------------------

/// Plans that were timed on one device; engine/kernel_table_file.h reads and writes them.
class KernelTable {
 public:
  explicit KernelTable(Hardware device) : device_(std::move(device)) {}

  /// Throws SettingError for a tile that the device or mode has not or that cannot take the
  /// contraction, or splits out of 1 to most_splits.
  void set(MathMode mode, const Product& product, const ProductPlan& plan);
  /// Null where the table does not have it.
  const ProductPlan* find(MathMode mode, const Product& product) const;

  using Plans = std::map<std::pair<MathMode, Product>, ProductPlan>;
  const Plans& plans() const { return plans_; }
  const Hardware& device() const { return device_; }

  std::string name, sha256;  ///< of the file it came from; empty where it came from none

 private:
  Hardware device_;
  Plans plans_;
};

/// From here on the stream's products follow the table; null: the model alone. Throws SettingError
/// for a table of another device, or a CPU stream.
void set_kernel_table(Stream& stream, std::shared_ptr<const KernelTable> table);
/// Null where the stream has none.
std::shared_ptr<const KernelTable> kernel_table(const Stream& stream);

// ---- explanations -----------------------------------------------------------------------------

struct Explanation {
  std::string kernel;  ///< "tensor cores 128x128, 4 splits"; "thin"; on the CPU the route
  std::string why;
  double clocks = 0;  ///< what the model expects; 0 on the CPU, which has no model
};

/// What the contraction takes on such a device, and why.
Explanation explain(const ContractionShape& shape, const Hardware& hardware, MathMode mode,
                    const KernelTable* table = nullptr);

}  // namespace ganymede::kernels
