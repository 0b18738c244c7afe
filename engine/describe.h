#pragma once

#include <string>
#include <vector>

#include <ganymede/engine/module.h>

namespace ganymede {

/// One line of a table of layers.
struct LayerRow {
  std::string name, kind;
  Shape output;  ///< with the batch axis; scalar where the extents are not known
  std::int64_t trainable = 0, fixed = 0;
  friend bool operator==(const LayerRow&, const LayerRow&) = default;
};

/// The layers of a module in forward order, for an input of extents `input` (batch axis included).
/// Composite modules are entered where they name their children's inputs (Module::each_child);
/// elsewhere they are one row with extents, followed by their inner layers without. Nested names
/// are joined by '_', as in checkpoints.
std::vector<LayerRow> describe(Module& module, const Shape& input);

Counts total(const std::vector<LayerRow>& rows);

/// One tab-separated line per layer, to be kept in a checkpoint.
std::string to_text(const std::vector<LayerRow>& rows);
/// The reverse. Throws FormatError naming the line.
std::vector<LayerRow> layers_from_text(const std::string& text);

/// An aligned table for people, closed by the totals; extents without the batch axis.
std::string format_table(const std::vector<LayerRow>& rows);

}  // namespace ganymede
