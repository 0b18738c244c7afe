#pragma once

#include <functional>
#include <string>

#include <ganymede/data/layouts/layout.h>
#include <ganymede/data/table.h>

namespace ganymede {

/// How the columns of a table become samples.
struct LabelColumns {
  int image = -1, label = -1;
  int patient = -1, split = -1;
  /// The class name of a label cell, or "" for a cell that is none; the default takes it as it is.
  std::function<std::string(const std::string&)> class_name = [](const auto& cell) { return cell; };
  std::string accepted;  ///< the labels that class_name knows, for the message
};

/// One sample per labelled image, in the table's order. Throws DataError naming the row for an id
/// without an image, an empty or unknown label, an unknown split word, an image with two labels.
/// Images without a row are skipped with that reason.
void read_labelled_table(const Folder& folder, const Table& table, const LabelColumns& columns,
                         Dataset& dataset);

}  // namespace ganymede
