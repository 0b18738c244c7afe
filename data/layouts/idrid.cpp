// IDRiD as downloaded: B. Disease Grading/1. Original Images/{a. Training Set,b. Testing Set}/
// IDRiD_001.jpg, graded by 2. Groundtruths/a. IDRiD_Disease Grading_Training Labels.csv and its
// testing sister. Both sets count from 001, and so do the images of the other tasks (A and C).

#include <algorithm>
#include <filesystem>

#include <ganymede/data/layouts/grades.h>
#include <ganymede/data/text.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

bool is_grading_table(const std::string& path) {
  std::string name = lower_case(fs::path(path).filename().string());
  std::replace(name.begin(), name.end(), ' ', '_');
  return name.find("idrid_disease_grading") != std::string::npos && name.ends_with(".csv") &&
         !part_in(name).empty();
}

std::vector<GradeTable> tables_of(const Folder& folder) {
  std::vector<GradeTable> tables;
  for (const std::string& path : folder.others) {
    if (!is_grading_table(path)) continue;
    const std::string task = fs::path(path).parent_path().parent_path().string();
    tables.push_back(
        {path, part_in(fs::path(path).filename().string()), task.empty() ? "" : task + "/"});
  }
  return tables;
}

bool recognise(const Folder& folder) { return !tables_of(folder).empty(); }

Dataset read(const Folder& folder) {
  Dataset dataset = read_grades(folder, tables_of(folder), {{"Image name"}, {"Retinopathy grade"}});
  dataset.layout = "idrid";
  dataset.notes.push_back(no_patients_note);
  return dataset;
}

}  // namespace

const Layout idrid_layout{"idrid", recognise, read};

}  // namespace ganymede
