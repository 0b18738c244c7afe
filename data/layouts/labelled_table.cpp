#include <ganymede/data/layouts/labelled_table.h>

#include <filesystem>

#include <fmt/core.h>

#include <ganymede/data/image_index.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

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

int image_of(const Folder& folder, const ImageIndex& index, const Table& table, int column,
             std::size_t row) {
  const std::string& id = table.rows[row][column];
  if (id.empty())
    throw DataError(fmt::format("{}: the image's name is empty; fill it in or delete the row",
                                table.place(row)));
  const int image = index.find(id, table.place(row));
  if (image < 0)
    throw DataError(fmt::format("{}: no image '{}' in {}; add the file or delete the row",
                                table.place(row), id, folder.root));
  return image;
}

}  // namespace

void read_labelled_table(const Folder& folder, const Table& table, const LabelColumns& columns,
                         Dataset& dataset) {
  const ImageIndex index(folder.images);
  std::vector<int> row_of(folder.images.size(), -1);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const int image = image_of(folder, index, table, columns.image, row);
    Sample sample;
    sample.path = folder.images[image];
    sample.label = label_of(table, columns, row);
    sample.split = split_of(table, columns, row);
    if (columns.patient >= 0) sample.patient = table.rows[row][columns.patient];
    if (const int before = row_of[image]; before >= 0) {
      const std::string other = label_of(table, columns, before);
      if (other != sample.label)
        throw DataError(
            fmt::format("{}: '{}' is labelled '{}', but row {} says '{}'; delete the wrong row",
                        table.place(row), sample.path, sample.label, table.lines[before], other));
      dataset.notes.push_back(
          fmt::format("{}: repeats row {}", table.place(row), table.lines[before]));
      continue;
    }
    row_of[image] = static_cast<int>(row);
    dataset.samples.push_back(std::move(sample));
  }
  const std::string name = std::filesystem::path(table.path).filename().string();
  for (std::size_t i = 0; i < row_of.size(); ++i)
    if (row_of[i] < 0)
      dataset.skipped.push_back({folder.images[i], fmt::format("no row in {}", name)});
}

}  // namespace ganymede
