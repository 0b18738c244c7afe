// Kaggle's head-ct-hemorrhage as downloaded: labels.csv with the header `id, hemorrhage` (a space
// before the second name), ids 0..199 without padding, head_ct/000.png or head_ct/head_ct/000.png.

#include <filesystem>

#include <ganymede/data/layouts/labelled_table.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string labels_of(const Folder& folder) {
  return (std::filesystem::path(folder.root) / "labels.csv").string();
}

bool recognise(const Folder& folder) {
  if (!folder.contains("labels.csv")) return false;
  try {
    const Table table = read_table(labels_of(folder));
    return table.find_column("id") >= 0 && table.find_column("hemorrhage") >= 0;
  } catch (const DataError&) {
    return false;  // the labels.csv layout says what is wrong with it
  }
}

std::string class_name(const std::string& cell) {
  return cell == "0" ? "normal" : cell == "1" ? "hemorrhage" : "";
}

Dataset read(const Folder& folder) {
  const Table table = read_table(labels_of(folder));
  LabelColumns columns;
  columns.image = table.column({"id"});
  columns.label = table.column({"hemorrhage"});
  columns.class_name = class_name;
  columns.accepted = "0 (normal) or 1 (hemorrhage)";
  Dataset dataset;
  dataset.layout = "head-ct-hemorrhage";
  dataset.classes = {"normal", "hemorrhage"};
  dataset.notes.push_back(
      "the publisher says one slice per patient: every image counts as a patient of its own");
  read_labelled_table(folder, table, columns, dataset);
  for (const std::string& path : folder.others)
    if (path != "labels.csv") dataset.skipped.push_back({path, "not a PNG or JPEG"});
  return dataset;
}

}  // namespace

const Layout head_ct_hemorrhage_layout{"head-ct-hemorrhage", recognise, read};

}  // namespace ganymede
