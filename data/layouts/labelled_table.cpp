#include <ganymede/data/layouts/labelled_table.h>

#include <filesystem>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/image_index.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string shown(const LabelColumns& columns, const std::string& cell) {
  return columns.secret ? "(hidden)" : cell;
}

std::string label_of(const Table& table, const LabelColumns& columns, std::size_t row) {
  const std::string& cell = table.rows[row][columns.label];
  if (cell.empty())
    throw DataError(
        fmt::format("{}: the label is empty; fill it in or delete the row", table.place(row)));
  const std::string name = columns.class_name(cell);
  if (name.empty())
    throw DataError(fmt::format("{}: unknown label '{}', expected {}", table.place(row), cell,
                                columns.accepted));
  return name;
}

std::string split_of(const Table& table, const LabelColumns& columns, std::size_t row) {
  const std::string cell = columns.split < 0 ? "" : table.rows[row][columns.split];
  if (cell.empty()) return "";
  const std::string word = split_word(cell);
  if (word.empty())
    throw DataError(fmt::format("{}: unknown split '{}', expected train, validation or test",
                                table.place(row), cell));
  return word;
}

const std::string& id_of(const Table& table, const LabelColumns& columns, std::size_t row) {
  const std::string& id = table.rows[row][columns.image];
  if (id.empty())
    throw DataError(fmt::format("{}: the image's name is empty; fill it in or delete the row",
                                table.place(row)));
  return id;
}

/// A repetition is noted, a contradiction is an error.
void compare_rows(const Table& table, const LabelColumns& columns, std::size_t before,
                  std::size_t row, const Sample& sample, Dataset& dataset) {
  const std::string other = label_of(table, columns, before);
  if (other != sample.label)
    throw DataError(
        fmt::format("{}: '{}' is labelled '{}', but row {} says '{}'; delete the wrong row",
                    table.place(row), sample.path, sample.label, table.lines[before], other));
  dataset.notes.push_back(fmt::format("{}: repeats row {}", table.place(row), table.lines[before]));
}

void report_missing(const std::string& root, const Table& table, const LabelColumns& columns,
                    const std::vector<std::size_t>& missing, Dataset& dataset) {
  if (missing.empty()) return;
  if (!columns.skip_missing || 2 * missing.size() >= table.rows.size())
    throw DataError(fmt::format("{}: no image '{}' in {}; add the file or delete the row",
                                table.place(missing.front()),
                                shown(columns, table.rows[missing.front()][columns.image]), root));
  const std::string file = std::filesystem::path(table.path).filename().string();
  for (const std::size_t row : missing)
    dataset.skipped.push_back(
        {shown(columns, table.rows[row][columns.image]),
         fmt::format("no such image, but row {} of {} grades it; add the file "
                     "or delete the row",
                     table.lines[row], file)});
}

}  // namespace

void add_labelled_rows(const std::string& root, const std::vector<std::string>& images,
                       const Table& table, const LabelColumns& columns, Dataset& dataset) {
  const ImageIndex index(images);
  std::vector<int> row_of(images.size(), -1);
  std::vector<std::size_t> missing;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& id = id_of(table, columns, row);
    const int image = index.find(id, table.place(row));
    if (const std::string reason = columns.skip(table, row); !reason.empty()) {
      dataset.skipped.push_back({image < 0 ? id : images[image], reason});
      continue;
    }
    if (image < 0) {
      missing.push_back(row);
      continue;
    }
    Sample sample;
    sample.path = images[image];
    sample.label = label_of(table, columns, row);
    sample.split = split_of(table, columns, row);
    if (columns.patient >= 0) sample.patient = table.rows[row][columns.patient];
    if (const int before = row_of[image]; before >= 0) {
      compare_rows(table, columns, before, row, sample, dataset);
      continue;
    }
    row_of[image] = static_cast<int>(row);
    dataset.samples.push_back(std::move(sample));
  }
  report_missing(root, table, columns, missing, dataset);
}

void skip_unlabelled(const Folder& folder, const std::string& tables, Dataset& dataset) {
  std::set<std::string> known;
  for (const Sample& sample : dataset.samples) known.insert(sample.path);
  for (const Skipped& skipped : dataset.skipped) known.insert(skipped.path);
  for (const std::string& path : folder.images)
    if (!known.contains(path))
      dataset.skipped.push_back({path, fmt::format("no row in {}", tables)});
}

void read_labelled_table(const Folder& folder, const Table& table, const LabelColumns& columns,
                         Dataset& dataset) {
  add_labelled_rows(folder.root, folder.images, table, columns, dataset);
  skip_unlabelled(folder, std::filesystem::path(table.path).filename().string(), dataset);
}

}  // namespace ganymede
