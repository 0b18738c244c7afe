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
  /// Why a row is left out although it is well formed ("ungradable"), or "".
  std::function<std::string(const Table&, std::size_t row)> skip = [](const auto&, auto) {
    return std::string();
  };
  /// Ids and labels may tell a patient, so that errors do not repeat them.
  bool secret = false;
  /// Leaves rows without an image out, with that reason, as long as they are fewer than half of
  /// the rows; more means that the table and the folder do not belong together.
  bool skip_missing = false;
};

/// One sample per labelled image, in the table's order. Throws DataError naming the row for an id
/// without an image (see skip_missing), an empty or unknown label, an unknown split word, an image
/// with two labels. Images without a row are skipped with that reason.
void read_labelled_table(const Folder& folder, const Table& table, const LabelColumns& columns,
                         Dataset& dataset);

/// The two halves of it, for sets with several tables. `images` are those that the table may name;
/// `root` is for the messages.
void add_labelled_rows(const std::string& root, const std::vector<std::string>& images,
                       const Table& table, const LabelColumns& columns, Dataset& dataset);
/// Skips the images that are neither samples nor skipped; `tables` says where they have no row.
void skip_unlabelled(const Folder& folder, const std::string& tables, Dataset& dataset);

}  // namespace ganymede
