// The maps of convolutions with a thin side, and how their work is cut (thin_map.cuh).

#include <algorithm>
#include <cstdlib>

#include <ganymede/kernels/cuda/thin_map.cuh>

namespace ganymede::kernels::cuda {
namespace {

/// What both maps have in common; false where no map fits.
bool begin_map(const ConvGeometry& g, ThinMap& map) {
  const bool few_channels = g.group_channels <= most_thin_channels,
             few_filters = g.group_filters <= most_thin_channels;
  if (g.groups != 1 || few_channels == few_filters) return false;
  map = {};
  map.batch = g.batch;
  map.kernel_h = g.kernel_h;
  map.kernel_w = g.kernel_w;
  map.mode = g.mode;
  map.w_tap = g.group_channels;
  if (few_channels) {
    map.wide = g.group_filters, map.thin = g.group_channels;
    map.w_wide = g.depth, map.w_thin = 1;
  } else {
    map.wide = g.group_channels, map.thin = g.group_filters;
    map.w_wide = 1, map.w_thin = g.depth;
  }
  return true;
}

ThinAxis output_axis(int out, int in, int kernel, int stride, int dilation, int pad) {
  return {out, 0, 1, in, -pad, stride, dilation, kernel, 0, 1, Divisor(std::max(out, 1))};
}

ThinAxis input_axis(int phase, int in, int out, int kernel, int stride, int dilation, int pad) {
  const AxisPhase a = axis_phase(phase, in, kernel, stride, dilation, pad);
  return {a.count,
          a.first,
          stride,
          out,
          a.origin,
          1,
          -a.source_step,
          a.taps,
          a.tap0,
          a.tap_step,
          Divisor(std::max(a.count, 1))};
}

int log2_from(int n, int most) {
  int log = 0;
  while ((1 << log) < n && (2 << log) <= most) ++log;
  return log;
}

}  // namespace

bool map_of_output(const ConvGeometry& g, ThinMap& map) {
  if (!begin_map(g, map)) return false;
  map.row_phases = map.column_phases = 1;
  map.rows[0] =
      output_axis(g.out_height, g.height, g.kernel_h, g.stride_h, g.dilation_h, g.pad_top);
  map.columns[0] =
      output_axis(g.out_width, g.width, g.kernel_w, g.stride_w, g.dilation_w, g.pad_left);
  map.grid_height = g.out_height;
  map.grid_width = g.out_width;
  map.grid_pixel = g.y_stride;
  map.other_pixel = g.x_stride;
  return true;
}

bool map_of_input(const ConvGeometry& g, ThinMap& map) {
  if (std::max(g.stride_h, g.stride_w) > ThinMap::most_phases || !begin_map(g, map)) return false;
  map.row_phases = g.stride_h;
  map.column_phases = g.stride_w;
  for (int i = 0; i < g.stride_h; ++i)
    map.rows[i] =
        input_axis(i, g.height, g.out_height, g.kernel_h, g.stride_h, g.dilation_h, g.pad_top);
  for (int i = 0; i < g.stride_w; ++i)
    map.columns[i] =
        input_axis(i, g.width, g.out_width, g.kernel_w, g.stride_w, g.dilation_w, g.pad_left);
  map.grid_height = g.height;
  map.grid_width = g.width;
  map.grid_pixel = g.x_stride;
  map.other_pixel = g.y_stride;
  return true;
}

ThinCut cut_thin(const ThinMap& map, int vectors, int run, int most_slots, int most_floats) {
  int rows = 0, columns = 0, row_taps = 0, stride = 1;
  std::int64_t span = 0;
  for (int i = 0; i < map.row_phases; ++i) {
    rows = std::max(rows, map.rows[i].count);
    row_taps = std::max(row_taps, map.rows[i].taps);
  }
  for (int i = 0; i < map.column_phases; ++i) {
    const ThinAxis& axis = map.columns[i];
    columns = std::max(columns, axis.count);
    span = std::max(span, std::int64_t{axis.taps - 1} * std::abs(axis.reach));
    stride = axis.stride;
  }
  ThinCut cut{};
  if (rows == 0 || columns == 0 || row_taps == 0) return cut;
  cut.log_vectors = log2_from(vectors, vectors);
  cut.patch_rows = row_taps;
  for (int log = log2_from(ceil_div(columns, run), most_slots); log >= 0 && cut.lines == 0; --log) {
    cut.log_column_slots = log;
    const std::int64_t row = (std::int64_t{(run << log) - 1} * stride + span + 1) * map.thin;
    if (row * row_taps > most_floats) continue;
    cut.patch_row = static_cast<int>(row);
    cut.lines = std::min(most_slots >> log, most_floats / (row_taps * cut.patch_row));
  }
  if (cut.lines == 0) return cut;
  cut.by_patch_rows = Divisor(cut.patch_rows);
  cut.by_patch_row = Divisor(cut.patch_row);
  cut.by_thin = Divisor(map.thin);
  cut.wide_blocks = ceil_div(map.wide, 4 * cut.vectors());
  cut.segments =
      ceil_div(map.batch * rows, cut.lines) * ceil_div(columns, run << cut.log_column_slots);
  return cut;
}

}  // namespace ganymede::kernels::cuda
