// One's own set: labels.csv with image,label[,patient][,split] beside the images or above them. The
// patients' column may also be called patient_id, subject or subject_id.

#include <filesystem>

#include <fmt/core.h>

#include <ganymede/data/layouts/labelled_table.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

bool recognise(const Folder& folder) { return folder.contains("labels.csv"); }

Dataset read(const Folder& folder) { return read_labels_file(folder, "labels.csv"); }

}  // namespace

Dataset read_labels_file(const Folder& folder, const std::string& file) {
  const Table table = read_table((std::filesystem::path(folder.root) / file).string());
  LabelColumns columns;
  columns.image = table.column({"image", "path"});
  columns.label = table.column({"label"});
  columns.patient = table.patient_column();
  columns.split = table.find_column("split");
  columns.secret = folder.names_patients;
  Dataset dataset;
  dataset.layout = "labels.csv";
  if (columns.patient < 0 && !folder.names_patients)
    dataset.notes.push_back(fmt::format(
        "{} has no column {}: every image counts as a patient of its own", file, patient_columns));
  read_labelled_table(folder, table, columns, dataset);
  for (const std::string& path : folder.others)
    if (path != file) dataset.skipped.push_back({path, "not a PNG or JPEG"});
  return dataset;
}

const Layout labels_csv_layout{"labels.csv", recognise, read};

}  // namespace ganymede
