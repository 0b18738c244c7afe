#include <ganymede/engine/describe.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "_" + name;
}

/// Rows of a module and of everything in it, in visiting order, without extents.
class RowCollector : public StateVisitor {
 public:
  RowCollector(const std::string& name, Module& module) { open(name, module); }
  void enter(const std::string& name, Module& child) override {
    open(joined(rows[stack_.back()].name, name), child);
  }
  void leave() override { stack_.pop_back(); }
  void parameter(const std::string&, Var& value, Layout) override {
    rows[stack_.back()].trainable += value.value().elements();
  }
  void buffer(const std::string&, Tensor& value) override {
    rows[stack_.back()].fixed += value.elements();
  }

  std::vector<LayerRow> rows;

 private:
  void open(const std::string& name, Module& module) {
    stack_.push_back(rows.size());
    rows.push_back({name, module.kind(), {}, 0, 0});
  }
  std::vector<std::size_t> stack_;
};

void append(std::vector<LayerRow>& rows, const std::string& name, Module& module,
            const Shape& input) {
  RowCollector collector(name, module);
  module.visit(collector);
  LayerRow own = collector.rows.front();
  own.output = module.output_shape(input);
  const std::size_t before = rows.size();
  module.each_child(input, [&](const std::string& child, Module& layer, const Shape& extents) {
    append(rows, joined(name, child), layer, extents);
  });
  const bool entered = rows.size() > before;
  const bool silent = entered && own.trainable + own.fixed == 0;  // its children say it all
  if (!silent) rows.insert(rows.begin() + std::ptrdiff_t(before), own);
  if (!entered) rows.insert(rows.end(), collector.rows.begin() + 1, collector.rows.end());
}

Shape shape_from_text(const std::string& text) {
  if (text == to_string(Shape{})) return {};
  std::vector<std::int64_t> extents;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, 'x');) {
    std::int64_t extent = -1;
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data(), end, extent);
    if (error != std::errc() || stop != end || extent < 0 || extents.size() == Shape::max_rank)
      throw FormatError("table of layers: '" + text + "' is not a list of extents");
    extents.push_back(extent);
  }
  return Shape(std::span<const std::int64_t>(extents));
}

std::string grouped(std::int64_t count) {
  const std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string extents_of_one(const Shape& output) {
  if (output.rank() == 0) return "-";
  return output.rank() == 1 ? "1" : to_string(Shape(output.extents().subspan(1)));
}

}  // namespace

std::vector<LayerRow> describe(Module& module, const Shape& input) {
  std::vector<LayerRow> rows;
  append(rows, "", module, input);
  for (LayerRow& row : rows)
    if (row.name.empty()) row.name = "layer";
  return rows;
}

Counts total(const std::vector<LayerRow>& rows) {
  Counts counts;
  for (const LayerRow& row : rows) counts.trainable += row.trainable, counts.fixed += row.fixed;
  return counts;
}

std::string to_text(const std::vector<LayerRow>& rows) {
  std::string text;
  for (const LayerRow& r : rows)
    text += fmt::format("{}\t{}\t{}\t{}\t{}\n", r.name, r.kind, to_string(r.output), r.trainable,
                        r.fixed);
  return text;
}

std::vector<LayerRow> layers_from_text(const std::string& text) {
  std::vector<LayerRow> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    LayerRow row;
    std::string extents;
    const bool named = std::getline(fields, row.name, '\t') &&
                       std::getline(fields, row.kind, '\t') && std::getline(fields, extents, '\t');
    if (!named || !(fields >> row.trainable >> row.fixed))
      throw FormatError("table of layers: line " + std::to_string(rows.size() + 1) + ", '" + line +
                        "', is not 'name, kind, extents, trainable, fixed'");
    row.output = shape_from_text(extents);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string format_table(const std::vector<LayerRow>& rows) {
  std::size_t name = 5, kind = 4, output = 6;
  for (const LayerRow& r : rows) {
    name = std::max(name, r.name.size());
    kind = std::max(kind, r.kind.size());
    output = std::max(output, extents_of_one(r.output).size());
  }
  const auto line = [&](const std::string& n, const std::string& k, const std::string& o,
                        const std::string& t, const std::string& f) {
    return fmt::format("{:<{}}  {:<{}}  {:>{}}  {:>11}  {:>9}\n", n, name, k, kind, o, output, t,
                       f);
  };
  std::string text = line("layer", "kind", "output", "trainable", "fixed");
  for (const LayerRow& r : rows)
    text += line(r.name, r.kind, extents_of_one(r.output), grouped(r.trainable), grouped(r.fixed));
  const Counts counts = total(rows);
  return text + line("total", "", "", grouped(counts.trainable), grouped(counts.fixed));
}

}  // namespace ganymede
