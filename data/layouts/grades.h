#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ganymede/data/layouts/labelled_table.h>

namespace ganymede {

/// A table of grades 0 to 4 and the images that it may name.
struct GradeTable {
  std::string file;   ///< relative to the folder
  std::string split;  ///< the published part that it labels; images of another part are not its own
  std::string under;  ///< only images whose path begins so
};

/// What the tables of a set call their columns; the first name that is there counts.
struct GradeColumns {
  std::vector<std::string> image, grade;
  std::function<std::string(const Table&, std::size_t row)> skip = LabelColumns{}.skip;
};

/// The file at the top of the folder with this name, in any case, or "".
std::string file_named(const Folder& folder, const std::string& name);
/// True when the table can be read and has all of these columns; false for file "".
bool has_columns(const Folder& folder, const std::string& file,
                 const std::vector<std::string>& names);
Table read_table_in(const Folder& folder, const std::string& file);

/// The first word that names a part: "train" for "train_images" or "a. Training Set", else "".
std::string part_in(const std::string& name);
/// "IM1" for "a/IM1.JPG" and for "IM1".
std::string stem_of(const std::string& path);

/// One sample per row of the tables, labelled "0" to "4"; parts only where two tables name them.
/// Throws as read_labelled_table does. What no table names, rows without an image (as long as they
/// are few), and all other files are skipped.
Dataset read_grades(const Folder& folder, const std::vector<GradeTable>& tables,
                    const GradeColumns& columns);

/// The note of a set that says nothing about patients.
extern const char* const no_patients_note;

}  // namespace ganymede
