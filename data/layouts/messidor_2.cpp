// Messidor-2 as downloaded: the grades in messidor_data.csv (image_id,adjudicated_dr_grade, or
// id_code,diagnosis in a common copy), the images anywhere below, their extensions in any case. The
// images' own download brings messidor-2.csv (left;right), the two eyes of each patient.

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include <ganymede/data/layouts/grades.h>
#include <ganymede/data/layouts/messidor_pairs.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

std::string pairs_file(const Folder& folder) { return file_named(folder, "messidor-2.csv"); }

bool recognise(const Folder& folder) { return !file_named(folder, "messidor_data.csv").empty(); }

std::string ungradable(const Table& table, std::size_t row) {
  const int column = table.find_column("adjudicated_gradable");
  const std::string cell = column < 0 ? "1" : table.rows[row][column];
  if (cell == "1" || cell == "1.0") return "";
  if (cell == "0" || cell == "0.0")
    return fmt::format("ungradable, says row {} of messidor_data.csv", table.lines[row]);
  throw DataError(fmt::format("{}: adjudicated_gradable is '{}', expected 0 or 1; correct the cell",
                              table.place(row), cell));
}

std::vector<EyePair> pairs_of(const Folder& folder) {
  const std::string file = pairs_file(folder);
  if (!file.empty()) return pairs_in(read_table_in(folder, file));
  std::vector<std::string> stems;
  for (const std::string& path : folder.images) stems.push_back(stem_of(path));
  return pairs_by_name(stems);
}

void name_patients(const Folder& folder, Dataset& dataset) {
  std::map<std::string, std::string> patient_of;
  for (const auto& [left, right] : pairs_of(folder)) {
    const std::string patient = left.empty() ? right : left;
    for (const std::string& stem : {left, right}) patient_of[lower_case(stem)] = patient;
  }
  std::map<std::string, int> images_of;
  for (Sample& sample : dataset.samples) {
    const auto found = patient_of.find(lower_case(stem_of(sample.path)));
    if (found == patient_of.end()) continue;
    sample.patient = found->second;
    ++images_of[sample.patient];
  }
  const auto both = std::count_if(images_of.begin(), images_of.end(),
                                  [](const auto& entry) { return entry.second == 2; });
  dataset.notes.push_back(
      pairs_file(folder).empty()
          ? fmt::format("both eyes of {} patients are inferred from neighbouring file names; for "
                        "the published pairs put messidor-2.csv (left;right) beside "
                        "messidor_data.csv, or use --groups",
                        both)
          : fmt::format("both eyes of {} patients, from messidor-2.csv; an image that it does not "
                        "name counts as a patient of its own",
                        both));
}

/// The file type names the site, and the sites differ in their grades.
void note_file_types(Dataset& dataset) {
  int images[2] = {0, 0}, healthy[2] = {0, 0};
  for (const Sample& sample : dataset.samples) {
    const bool png = lower_case(sample.path).ends_with(".png");
    ++images[png], healthy[png] += sample.label == "0";
  }
  if (images[0] == 0 || images[1] == 0) return;
  dataset.notes.push_back(fmt::format(
      "the file type tells the hospital: {:.0f} % of the JPEGs and {:.0f} % of the "
      "PNGs have grade 0, so a classifier can learn the camera instead; data.stratify = "
      "class+type gives every part its share of both",
      100.0 * healthy[0] / images[0], 100.0 * healthy[1] / images[1]));
}

Dataset read(const Folder& folder) {
  Dataset dataset =
      read_grades(folder, {{file_named(folder, "messidor_data.csv"), "", ""}},
                  {{"image_id", "id_code"}, {"adjudicated_dr_grade", "diagnosis"}, ungradable});
  dataset.layout = "messidor-2";
  std::erase_if(dataset.skipped,
                [&](const Skipped& skipped) { return skipped.path == pairs_file(folder); });
  name_patients(folder, dataset);
  note_file_types(dataset);
  return dataset;
}

}  // namespace

const Layout messidor_2_layout{"messidor-2", recognise, read};

}  // namespace ganymede
