// What sets of fundus photographs graded 0 (no retinopathy) to 4 (proliferative) have in common.

#include <ganymede/data/layouts/grades.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

/// Copies that went through a spreadsheet write 2 as 2.0.
std::string grade_of(const std::string& cell) {
  const bool grade = !cell.empty() && cell[0] >= '0' && cell[0] <= '4';
  return grade && (cell.size() == 1 || cell.substr(1) == ".0") ? cell.substr(0, 1) : "";
}

/// The part that the folders of an image name, the innermost first.
std::string part_of(const fs::path& path) {
  std::string part;
  for (const fs::path& folder : path.parent_path())
    if (const std::string found = part_in(folder.string()); !found.empty()) part = found;
  return part;
}

std::vector<std::string> images_of(const Folder& folder, const GradeTable& table) {
  std::vector<std::string> images;
  for (const std::string& path : folder.images) {
    if (!path.starts_with(table.under)) continue;
    const std::string part = part_of(path);
    if (part.empty() || table.split.empty() || part == table.split) images.push_back(path);
  }
  return images;
}

LabelColumns columns_in(const Table& table, const GradeColumns& names) {
  LabelColumns columns;
  columns.image = table.column(names.image);
  columns.label = table.column(names.grade);
  columns.class_name = grade_of;
  columns.accepted = "a grade from 0 to 4";
  columns.skip = names.skip;
  columns.skip_missing = true;  // of 3,000 photographs some do not survive the download
  return columns;
}

}  // namespace

const char* const no_patients_note =
    "the set names no patients: every image counts as a patient of its own, unless --groups says "
    "otherwise";

std::string file_named(const Folder& folder, const std::string& name) {
  const auto found =
      std::find_if(folder.others.begin(), folder.others.end(),
                   [&](const std::string& path) { return lower_case(path) == lower_case(name); });
  return found == folder.others.end() ? "" : *found;
}

Table read_table_in(const Folder& folder, const std::string& file) {
  return read_table((fs::path(folder.root) / file).string());
}

bool has_columns(const Folder& folder, const std::string& file,
                 const std::vector<std::string>& names) {
  if (file.empty()) return false;
  try {
    const Table table = read_table_in(folder, file);
    return std::all_of(names.begin(), names.end(),
                       [&](const std::string& name) { return table.find_column(name) >= 0; });
  } catch (const DataError&) {
    return false;  // not a table of this set
  }
}

std::string part_in(const std::string& name) {
  const char* between = " ._-";
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find_first_of(between, at), name.size());
    if (const std::string part = split_word(name.substr(at, end - at)); !part.empty()) return part;
    at = end + 1;
  }
  return "";
}

std::string stem_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return has_image_name(name) ? name.substr(0, name.rfind('.')) : name;
}

Dataset read_grades(const Folder& folder, const std::vector<GradeTable>& tables,
                    const GradeColumns& names) {
  Dataset dataset;
  std::set<std::string> read, parts;
  std::vector<std::string> files;
  for (const GradeTable& grades : tables) parts.insert(grades.split);
  for (const GradeTable& grades : tables) {
    const Table table = read_table_in(folder, grades.file);
    const std::size_t first = dataset.samples.size();
    add_labelled_rows(folder.root, images_of(folder, grades), table, columns_in(table, names),
                      dataset);
    for (std::size_t i = first; parts.size() > 1 && i < dataset.samples.size(); ++i)
      dataset.samples[i].split = grades.split;
    read.insert(grades.file);
    files.push_back(fs::path(grades.file).filename().string());
  }
  const std::string names_of_files = joined(files, " or ");
  skip_unlabelled(folder, names_of_files, dataset);
  for (const std::string& path : folder.others)
    if (!read.contains(path))
      dataset.skipped.push_back({path, lower_case(path).ends_with(".csv")
                                           ? "not read: the grades are in " + names_of_files
                                           : "not a PNG or JPEG"});
  return dataset;
}

}  // namespace ganymede
