// Which contractions are filtered: counts of multiply-adds, bytes and launches.

#include <ganymede/kernels/winograd_plan.h>

#include <algorithm>

namespace ganymede::kernels {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

bool has_filtering(const ConvShape& s) {
  constexpr int least_channels = 32;
  const bool plain =
      s.groups == 1 && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1;
  const bool window = s.kernel_h == s.kernel_w && (s.kernel_h == 3 || s.kernel_h == 5);
  const bool wide = s.channels >= least_channels && s.filters >= least_channels &&
                    s.channels % 4 == 0 && s.filters % 4 == 0;
  return plain && window && wide;
}

/// How one contraction is cut into tiles.
struct Tiling {
  int positions, tiles;  ///< of a tile; of an image

  Tiling(const ConvShape& s, Contraction contraction) {
    const bool of_x = contraction == Contraction::input_grad;
    const int h = of_x ? s.height : s.out_height(), w = of_x ? s.width : s.out_width();
    const int size = winograd_outputs + s.kernel_h - 1;
    positions = size * size;
    tiles = ceil_div(h, winograd_outputs) * ceil_div(w, winograd_outputs);
  }
  /// Transformed weights or, of the same size, the sums of their gradient.
  std::int64_t weights(const ConvShape& s) const {
    return std::int64_t{positions} * s.filters * s.channels;
  }
  /// Both matrices of an image's tiles.
  std::int64_t image(const ConvShape& s) const {
    return std::int64_t{positions} * tiles * (s.filters + s.channels);
  }
};

/// Images that are transformed at a time: equal slices that fit the workspace, 0 where none does.
int images_of_slice(const ConvShape& s, const Tiling& t) {
  constexpr std::int64_t most = (std::int64_t{256} << 20) / sizeof(float);
  if (t.weights(s) + t.image(s) > most) return 0;
  const auto room = std::min<std::int64_t>((most - t.weights(s)) / t.image(s), s.batch);
  return ceil_div(s.batch, ceil_div(s.batch, static_cast<int>(room)));
}

/// What a way to compute a contraction asks of the device.
struct Work {
  ProductExtents product;
  double floats;  ///< read and written
  int launches;
};

/// In multiply-adds of one multiprocessor, as the model of plan.cpp has them. Blocks fill up their
/// tiles of at least 64 x 64.
double cost(const Work& work, int multiprocessors) {
  constexpr double per_float = 4 * 8.0;  // an H200's FMA units do 7 in the time of a byte
  constexpr double per_launch = 6e5;     // some 2 us
  constexpr int tile = 64;
  const ProductExtents& e = work.product;
  const double multiply_adds =
      double(ceil_div(e.m, tile) * tile) * (ceil_div(e.n, tile) * tile) * e.k * e.z;
  return (multiply_adds + per_float * work.floats) / multiprocessors + per_launch * work.launches;
}

Work direct_work(const ConvShape& s, Contraction contraction) {
  const int taps = s.kernel_h * s.kernel_w, x = s.batch * s.height * s.width,
            y = s.batch * s.out_height() * s.out_width();
  const double floats = double(x) * s.channels + double(y) * s.filters + double(s.weights());
  switch (contraction) {
    case Contraction::forward:
      return {{y, s.filters, taps * s.channels}, floats, 1};
    case Contraction::input_grad:
      return {{x, s.channels, taps * s.filters}, floats, 1};
    default:
      return {{s.filters, taps * s.channels, y}, floats, 1};
  }
}

Work filtered_work(const ConvShape& s, Contraction contraction, const Tiling& t, int images) {
  const int tiles = t.tiles * s.batch, slices = ceil_div(s.batch, images);
  const double transformed = double(t.weights(s)) + double(t.image(s)) * s.batch;
  const double floats = direct_work(s, contraction).floats + 2 * transformed;
  switch (contraction) {
    case Contraction::forward:
      return {{tiles, s.filters, s.channels, t.positions}, floats, 1 + 3 * slices};
    case Contraction::input_grad:
      return {{tiles, s.channels, s.filters, t.positions}, floats, 1 + 3 * slices};
    default:
      return {{s.filters, s.channels, tiles, t.positions}, floats, 4 * slices};
  }
}

}  // namespace

std::optional<WinogradPlan> winograd_plan(const ConvShape& s, Contraction contraction,
                                          const Hardware& hardware, MathMode mode) {
  if (mode != MathMode::fp32 || hardware.kind == DeviceKind::cpu || !has_filtering(s))
    return std::nullopt;
  const Tiling t(s, contraction);
  const int images = images_of_slice(s, t);
  if (images == 0) return std::nullopt;
  constexpr double worth = 0.8;            // counts are not times
  constexpr double fma_per_clock = 128.0;  // of a multiprocessor
  const double filtered = cost(filtered_work(s, contraction, t, images), hardware.multiprocessors);
  if (filtered > worth * cost(direct_work(s, contraction), hardware.multiprocessors))
    return std::nullopt;
  const auto floats = static_cast<std::size_t>(t.weights(s) + t.image(s) * images);
  return WinogradPlan{winograd_outputs, s.kernel_h, images, sizeof(float) * floats,
                      filtered / fma_per_clock};
}

}  // namespace ganymede::kernels
