// EyePACS (Kaggle's diabetic-retinopathy-detection) as downloaded: trainLabels.csv with image,level
// and train/10_left.jpeg; retinopathy_solution.csv, published later, grades test/. The number is
// the patient.

#include <ganymede/data/layouts/grades.h>
#include <ganymede/data/text.h>

namespace ganymede {
namespace {

const std::vector<std::string> columns{"image", "level"};

std::vector<GradeTable> tables_of(const Folder& folder) {
  std::vector<GradeTable> tables;
  const std::string train = file_named(folder, "trainLabels.csv");
  const std::string test = file_named(folder, "retinopathy_solution.csv");
  if (has_columns(folder, train, columns)) tables.push_back({train, "train", ""});
  if (has_columns(folder, test, columns)) tables.push_back({test, "test", ""});
  return tables;
}

/// "10" for "10_left", "" for a name of another kind.
std::string patient_of(const std::string& stem) {
  const std::size_t bar = stem.rfind('_');
  if (bar == std::string::npos) return "";
  const std::string eye = lower_case(stem.substr(bar + 1));
  return eye == "left" || eye == "right" ? stem.substr(0, bar) : "";
}

bool recognise(const Folder& folder) { return !tables_of(folder).empty(); }

Dataset read(const Folder& folder) {
  Dataset dataset = read_grades(folder, tables_of(folder), {{columns[0]}, {columns[1]}});
  dataset.layout = "eyepacs";
  bool unnamed = false;
  for (Sample& sample : dataset.samples) {
    sample.patient = patient_of(stem_of(sample.path));
    unnamed = unnamed || sample.patient.empty();
  }
  if (unnamed)
    dataset.notes.push_back(
        "images whose name is not NUMBER_left or NUMBER_right count as a patient of their own, "
        "unless --groups says otherwise");
  return dataset;
}

}  // namespace

const Layout eyepacs_layout{"eyepacs", recognise, read};

}  // namespace ganymede
