// APTOS 2019 as downloaded: train.csv with id_code,diagnosis and train_images/000c1434d8d7.png; the
// competition's test.csv has no grades. Common copies cut the graded images into train_1.csv,
// valid.csv and test.csv, with a folder each.

#include <ganymede/data/layouts/grades.h>

namespace ganymede {
namespace {

const std::vector<std::string> columns{"id_code", "diagnosis"};

std::vector<GradeTable> tables_of(const Folder& folder) {
  std::vector<GradeTable> tables;
  for (const char* name : {"train.csv", "train_1.csv", "valid.csv", "test.csv"}) {
    const std::string file = file_named(folder, name);
    if (has_columns(folder, file, columns)) tables.push_back({file, part_in(name), ""});
  }
  return tables;
}

bool recognise(const Folder& folder) {
  const std::vector<GradeTable> tables = tables_of(folder);
  return !tables.empty() && tables.front().split == "train" &&
         !has_columns(folder, tables.front().file, {"adjudicated_gradable"});  // Messidor-2's
}

Dataset read(const Folder& folder) {
  Dataset dataset = read_grades(folder, tables_of(folder), {{columns[0]}, {columns[1]}});
  dataset.layout = "aptos";
  dataset.notes.push_back(no_patients_note);
  return dataset;
}

}  // namespace

const Layout aptos_layout{"aptos", recognise, read};

}  // namespace ganymede
