#include <ganymede/data/convert.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/data/table.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

bool is_labelled(const Dataset& dataset) {
  return std::all_of(dataset.samples.begin(), dataset.samples.end(),
                     [](const Sample& sample) { return !sample.label.empty(); });
}

template <class Has>
bool some(const Dataset& dataset, Has has) {
  return std::any_of(dataset.samples.begin(), dataset.samples.end(), has);
}

/// a/b.dcm becomes images/a/b.png, or a-b.png where folders would be taken for classes.
std::vector<std::string> names_for(const Dataset& dataset, bool labelled) {
  std::vector<std::string> names;
  std::set<std::string> taken;  // in lower case, as some file systems compare
  for (const Sample& sample : dataset.samples) {
    std::string stem = sample.path;
    if (has_image_name(stem) || has_dicom_name(stem)) stem.erase(stem.rfind('.'));
    if (labelled)
      stem.insert(0, "images/");
    else
      std::replace(stem.begin(), stem.end(), '/', '-');
    std::string name = stem + ".png";
    for (int i = 2; !taken.insert(lower_case(name)).second; ++i)
      name = fmt::format("{}-{}.png", stem, i);
    names.push_back(name);
  }
  return names;
}

std::string write_labels(const Dataset& dataset, const std::vector<std::string>& names,
                         const std::string& folder) {
  const bool parts = some(dataset, [](const Sample& s) { return split_word(s.split) != ""; });
  Rows rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    rows.push_back({names[i], sample.label, sample.patient});
    if (parts) rows.back().push_back(split_word(sample.split));
  }
  std::vector<std::string> header{"image", "label", "patient"};
  if (parts) header.emplace_back("split");
  write_table((fs::path(folder) / "labels.csv").string(), header, rows);
  return "labels.csv";
}

std::string write_groups(const Dataset& dataset, const std::vector<std::string>& names,
                         const std::string& folder) {
  if (!some(dataset, [](const Sample& s) { return !s.patient.empty(); })) return "";
  Rows rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& patient = dataset.samples[i].patient;
    rows.push_back({names[i], patient.empty() ? fmt::format("unnamed-{}", i + 1) : patient});
  }
  write_table((fs::path(folder) / "groups.csv").string(), {"image", "group"}, rows);
  return "groups.csv";
}

}  // namespace

std::string write_converted(const Dataset& dataset, const std::string& folder, int bits) {
  if (bits != 8 && bits != 16)
    throw SettingError(fmt::format("convert: {} bits; choose 8 or 16", bits));
  require_empty_folder(folder);
  make_folder(folder);
  const bool labelled = is_labelled(dataset);
  const std::vector<std::string> names = names_for(dataset, labelled);
  for (const std::string& name : names)
    make_folder((fs::path(folder) / name).parent_path().string());
  parallel_for(names.size(), [&](std::size_t i) {
    const Image image = load_image(dataset, dataset.samples[i], bits);
    write_png((fs::path(folder) / names[i]).string(), to_bits(image, bits));
  });
  return labelled ? write_labels(dataset, names, folder) : write_groups(dataset, names, folder);
}

}  // namespace ganymede
