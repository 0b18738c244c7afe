#include <ganymede/tools/report/svg_bars.h>
#include <ganymede/tools/report/svg_canvas.h>

#include <algorithm>

#include <fmt/format.h>

namespace ganymede::report {

namespace {

constexpr double width = 720, row_height = 30, thin_height = 16;

double height_of(const BarRow& row) { return row.thin ? thin_height : row_height; }

double length_of(const BarRow& row) {
  double sum = 0;
  for (const auto& piece : row.pieces) sum += piece.value;
  return sum;
}

void draw_row(SvgCanvas& canvas, const BarRow& row, const Axis& x, double y) {
  const double thickness = row.thin ? 8 : 18, middle = y + height_of(row) / 2;
  double from = 0;
  for (const auto& piece : row.pieces) {
    if (!(piece.value > 0)) continue;
    canvas.rectangle(x(from) + .5, middle - thickness / 2, x(from + piece.value) - x(from) - .5,
                     thickness,
                     fmt::format("{} c{}", piece.faint ? "gone" : "solid", piece.color % 7));
    from += piece.value;
  }
  canvas.text(x.begin - 14, middle + 4, row.name, "row", "end");
  canvas.text(x(from) + 8, middle + 4, row.note, "note");
}

}  // namespace

std::string bar_plot(const BarPlot& plot) {
  double names = 40, notes = 20, longest = 0;
  for (const auto& row : plot.rows) {
    names = std::max(names, bold_width(row.name) + 20);
    notes = std::max(notes, text_width(row.note) + 16);
    longest = std::max(longest, length_of(row));
  }
  const auto entries = entries_of(plot.legend);
  const double top = 8 + 20 * legend_rows(entries, width - names);
  double bottom = top + 6;
  for (const auto& row : plot.rows) bottom += height_of(row);
  const Axis x{0, longest > 0 ? longest : 1, plot.x_title, names, width - notes};
  SvgCanvas canvas(width, bottom + 46);
  canvas.x_axis(x, top, bottom);
  double y = top + 3;
  for (const auto& row : plot.rows) {
    draw_row(canvas, row, x, y);
    y += height_of(row);
  }
  canvas.legend(x.begin, 16, width, entries, "solid");
  return canvas.finish(plot.label);
}

}  // namespace ganymede::report
