// --groups and --split: tables that add to a data set what its layout does not say.

#include <functional>

#include <fmt/core.h>

#include <ganymede/data/dataset.h>
#include <ganymede/data/dicom_set.h>
#include <ganymede/data/image_index.h>
#include <ganymede/data/table.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

using Take = std::function<void(Sample&, const std::string& cell, const std::string& place)>;

/// The names of files that appear under others: a person's table may use them too.
std::vector<std::string> source_paths(const Dataset& dataset) {
  std::vector<std::string> paths;
  if (!dataset.names) return paths;
  for (const Sample& sample : dataset.samples) paths.push_back(sample.file);
  return paths;
}

using ColumnOf = std::function<int(const Table&)>;

/// Gives the cell of each row to the sample that it names; all or nothing.
void apply_table(Dataset& dataset, const std::string& file, const ColumnOf& column_of,
                 const Take& take) {
  const Table table = read_table(file);
  const int image_column = table.column({"image", "path", "id"}), column = column_of(table);
  std::vector<std::string> paths;
  for (const Sample& sample : dataset.samples) paths.push_back(sample.path);
  const ImageIndex index(paths), sources(source_paths(dataset));
  std::vector<Sample> samples = dataset.samples;
  std::vector<int> row_of(samples.size(), -1);
  // What a person writes beside files with patients' data may be such data.
  const auto shown = [&](const std::string& text) { return dataset.names ? "(hidden)" : text; };
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string &id = table.rows[row][image_column], &cell = table.rows[row][column];
    int found = index.find(id, table.place(row));
    if (found < 0) found = sources.find(id, table.place(row));
    if (found < 0)
      throw DataError(fmt::format("{}: no image '{}' in {}; delete the row or correct the name",
                                  table.place(row), shown(id), dataset.root));
    if (row_of[found] >= 0 && table.rows[row_of[found]][column] != cell)
      throw DataError(fmt::format("{}: '{}' is '{}', but row {} says '{}'; delete the wrong row",
                                  table.place(row), shown(id), shown(cell),
                                  table.lines[row_of[found]],
                                  shown(table.rows[row_of[found]][column])));
    row_of[found] = static_cast<int>(row);
    take(samples[found], cell, table.place(row));
  }
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (row_of[i] < 0)
      throw DataError(fmt::format("{}: no row for image '{}' of {}; add one", file, samples[i].path,
                                  dataset.root));
  dataset.samples = std::move(samples);
}

}  // namespace

void apply_groups(Dataset& dataset, const std::string& file) {
  without_secrets(dataset.names.get(), [&] {
    const auto column = [](const Table& table) {
      const int patients = table.patient_column();
      return table.find_column("group") < 0 && patients >= 0
                 ? patients
                 : table.column({"group", "patient", "patient_id", "subject", "subject_id"});
    };
    apply_table(dataset, file, column,
                [](Sample& sample, const std::string& cell, const std::string& place) {
                  if (cell.empty())
                    throw DataError(fmt::format("{}: the group is empty; fill it in", place));
                  sample.patient = cell;
                });
  });
  if (dataset.names) number_patients(dataset);  // a group may be called like a patient
}

void apply_split(Dataset& dataset, const std::string& file) {
  const auto take = [](Sample& sample, const std::string& cell, const std::string& place) {
    // "rest" is no word for a folder: there it can be a class.
    sample.split = lower_case(cell) == "rest" ? "rest" : split_word(cell);
    if (sample.split.empty())
      throw DataError(fmt::format(
          "{}: unknown split '{}', expected train, validation, test or rest", place, cell));
  };
  without_secrets(dataset.names.get(), [&] {
    const auto column = [](const Table& table) { return table.column({"split", "part"}); };
    apply_table(dataset, file, column, take);
  });
}

}  // namespace ganymede
