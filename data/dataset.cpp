#include <ganymede/data/dataset.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include <fmt/core.h>

#include <ganymede/data/broken.h>
#include <ganymede/data/dicom_set.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

/// Some archives nest the set in one more folder. Returns it when the root holds nothing else
/// and it has folders or labels of its own (a folder of images alone is a class).
std::string nested_root(const Folder& folder) {
  std::set<std::string> tops;
  bool deeper = false;
  for (const auto* paths : {&folder.images, &folder.others})
    for (const std::string& path : *paths) {
      const std::size_t slash = path.find('/');
      if (slash == std::string::npos) {
        if (paths == &folder.images || path == "labels.csv") return "";
        continue;
      }
      tops.insert(path.substr(0, slash));
      const std::string rest = path.substr(slash + 1);
      deeper = deeper || (paths == &folder.images && rest.find('/') != std::string::npos) ||
               rest == "labels.csv";
    }
  return tops.size() == 1 && deeper ? *tops.begin() : "";
}

/// Names that mean "nothing found" come first, so that the last of two classes is the positive one.
bool is_normal_word(const std::string& label) {
  static constexpr std::array words{"normal", "healthy", "control", "negative", "none", "no"};
  const std::string lower = lower_case(label);
  return std::find(words.begin(), words.end(), lower) != words.end() || lower.starts_with("no_") ||
         lower.starts_with("non-") || lower.starts_with("no ");
}

bool comes_first(const std::string& a, const std::string& b) {
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.size() < 9 &&
           text.find_first_not_of("0123456789") == std::string::npos;
  };
  if (is_normal_word(a) != is_normal_word(b)) return is_normal_word(a);
  if (is_number(a) && is_number(b) && std::stoi(a) != std::stoi(b))
    return std::stoi(a) < std::stoi(b);
  return a < b;
}

/// Of two classes called Normal and normal one is most often a slip, which would train a network
/// to tell the two.
void require_distinct(const Dataset& dataset) {
  std::map<std::string, std::string> seen;
  for (const std::string& name : dataset.classes) {
    if (std::ranges::any_of(name, [](unsigned char c) { return std::iscntrl(c) != 0; }))
      throw DataError(
          fmt::format("{}: the class '{}' has a line break, a tab or another control "
                      "character in its name; give it a name of one line",
                      dataset.root, name));
    const auto [other, is_new] = seen.emplace(lower_case(trimmed(name)), name);
    if (is_new) continue;
    throw DataError(
        fmt::format("{}: the classes '{}' and '{}' differ in case or blanks alone; give images of "
                    "one class one name, or two classes names that differ more",
                    dataset.root, other->second, name));
  }
}

void index_classes(Dataset& dataset) {
  if (dataset.classes.empty()) {
    std::set<std::string> labels;
    for (const Sample& sample : dataset.samples)
      if (!sample.label.empty()) labels.insert(sample.label);
    dataset.classes.assign(labels.begin(), labels.end());
    std::stable_sort(dataset.classes.begin(), dataset.classes.end(), comes_first);
  }
  require_distinct(dataset);
  for (Sample& sample : dataset.samples) {
    const auto found = std::find(dataset.classes.begin(), dataset.classes.end(), sample.label);
    if (found != dataset.classes.end())
      sample.class_index = static_cast<int>(found - dataset.classes.begin());
  }
}

/// Why each image cannot be decoded; DICOM files have been looked at before.
std::vector<std::string> decoding_faults(const Dataset& dataset) {
  return faults_of(dataset, [&](std::size_t i) {
    if (!dataset.samples[i].dicom) read_image(file_of(dataset, dataset.samples[i]));
  });
}

/// Moves the images that cannot be decoded to Dataset::skipped, with the reason.
void leave_out_broken(Dataset& dataset) {
  const std::vector<std::string> faults = decoding_faults(dataset);
  std::vector<Sample> whole;
  for (std::size_t i = 0; i < faults.size(); ++i)
    if (faults[i].empty())
      whole.push_back(std::move(dataset.samples[i]));
    else
      dataset.skipped.push_back({dataset.samples[i].path, faults[i]});
  if (whole.empty())
    throw DataError(
        fmt::format("{}: no image can be read, the first because {}", dataset.root, faults.at(0)));
  dataset.samples = std::move(whole);
}

void read_headers(Dataset& dataset) {
  const std::vector<std::string> faults = faults_of(dataset, [&](std::size_t i) {
    Sample& sample = dataset.samples[i];
    if (!sample.dicom) sample.header = read_image_header(file_of(dataset, sample));
  });
  const bool sound = std::ranges::all_of(faults, [](const auto& fault) { return fault.empty(); });
  // Where one is broken already, those whose header is sound are looked into as well.
  if (!sound) refuse_broken(dataset, decoding_faults(dataset));
}

void finish(Dataset& dataset, const Folder& folder, const DicomSet& dicom,
            const OpenOptions& options) {
  dataset.root = folder.root;
  dataset.window = parse_window(options.window);
  dataset.skipped.insert(dataset.skipped.end(), folder.skipped.begin(), folder.skipped.end());
  if (dataset.samples.empty())
    throw DataError(fmt::format("{}: the table names no image; fill it in", folder.root));
  if (dicom.names()) dicom.describe(dataset);
  if (options.broken == Broken::skip) leave_out_broken(dataset);
  index_classes(dataset);
  read_headers(dataset);
  dicom.publish(dataset);
}

void require_images(const Folder& folder) {
  if (!folder.images.empty()) return;
  const std::string skipped = folder.skipped.empty()
                                  ? ""
                                  : fmt::format(" ({} skipped, '{}': {})", folder.skipped.size(),
                                                folder.skipped[0].path, folder.skipped[0].reason);
  throw DataError(fmt::format(
      "{}: no PNG, JPEG or DICOM image in it or below it{}; give the folder that holds the images",
      folder.root, skipped));
}

const Layout& layout_of(const Folder& folder) {
  for (const Layout* layout : layouts())
    if (layout->recognise(folder)) return *layout;
  // Unreachable: any image makes a flat.
  throw DataError(fmt::format("{}: no known layout", folder.root));
}

/// Reads the tags first, so that nothing the layout says can show them.
Dataset open_layout(Folder& folder, const OpenOptions& options,
                    const std::function<Dataset(const Folder&, const DicomSet&)>& read) {
  const DicomSet dicom(folder);
  folder.names_patients = dicom.names() != nullptr;
  folder.label_set = options.label_set;
  return without_secrets(dicom.names().get(), [&] {
    Dataset dataset = read(folder, dicom);
    finish(dataset, folder, dicom, options);
    return dataset;
  });
}

Dataset open_folder(const std::string& root, const OpenOptions& options) {
  Folder folder = scan_folder(root);
  require_images(folder);
  const Layout* layout = &layout_of(folder);
  const std::string nested = layout->general ? nested_root(folder) : "";
  if (!nested.empty()) {
    std::vector<Skipped> outer = std::move(folder.skipped);
    folder = scan_folder((fs::path(root) / nested).string());
    for (Skipped& skipped : outer)
      if (!skipped.path.starts_with(nested + "/")) folder.skipped.push_back(std::move(skipped));
    layout = &layout_of(folder);
  }
  return open_layout(folder, options, [&](const Folder& f, const DicomSet& dicom) {
    const bool flat = layout == &class_folders_layout && dicom.has_archive_folders();
    return (flat ? flat_layout : *layout).read(f);
  });
}

Dataset open_labels(const fs::path& file, const OpenOptions& options) {
  Folder folder = scan_folder(file.has_parent_path() ? file.parent_path().string() : ".");
  require_images(folder);
  const std::string name = file.filename().string();
  return open_layout(folder, options,
                     [&](const Folder& f, const DicomSet&) { return read_labels_file(f, name); });
}

/// Elsewhere it would be ignored, and the classes would not be those that were asked for.
void require_label_sets(const Dataset& dataset, const OpenOptions& options) {
  if (options.label_set == OpenOptions{}.label_set || dataset.layout == rsna_layout.name) return;
  throw SettingError(fmt::format(
      "data.label_set = '{}' (--label-set): only the layout '{}' has label sets, but "
      "{} is of the layout '{}'; leave it at '{}'",
      options.label_set, rsna_layout.name, dataset.root, dataset.layout, OpenOptions{}.label_set));
}

/// The same for a window.
void require_windows(const Dataset& dataset, const OpenOptions& options) {
  if (options.window != OpenOptions{}.window && !has_dicom(dataset))
    refuse_window(options.window, dataset.root);
}

Dataset open_any(const std::string& path, const OpenOptions& options) {
  if (is_phantom(path)) return open_phantom(path);
  std::error_code error;
  if (fs::is_directory(path, error)) return open_folder(path, options);
  if (!fs::exists(path, error))
    throw FileError(fmt::format("{}: no such file or folder; check the path", path));
  if (lower_case(fs::path(path).extension().string()) == ".csv") return open_labels(path, options);
  throw DataError(fmt::format(
      "{}: neither a folder nor a labels file (.csv); give the folder of the set", path));
}

}  // namespace

Dataset open_dataset(const std::string& path, const OpenOptions& options) {
  parse_window(options.window);  // phantoms have none, but a slip is one there too
  Dataset dataset = open_any(path, options);
  if (options.unused == Unused::ignore) return dataset;
  require_label_sets(dataset, options);
  require_windows(dataset, options);
  return dataset;
}

bool has_dicom(const Dataset& dataset) {
  return std::ranges::any_of(dataset.samples, [](const Sample& s) { return s.dicom != nullptr; });
}

void refuse_window(const std::string& window, const std::string& where) {
  throw SettingError(fmt::format(
      "data.window = '{}' (--window): only DICOM images have windows, and in {} there are none; "
      "leave it at '{}', where it changes nothing",
      window, where, OpenOptions{}.window));
}

Dataset open_dataset(const std::string& path, Broken broken) {
  OpenOptions options;
  options.broken = broken;
  return open_dataset(path, options);
}

std::string file_of(const Dataset& dataset, const Sample& sample) {
  return sample.file.empty() ? (fs::path(dataset.root) / sample.path).string() : sample.file;
}

Image load_image(const Dataset& dataset, const Sample& sample, int dicom_bits) {
  if (sample.memory) return *sample.memory;
  const std::string file = file_of(dataset, sample);
  return without_secrets(dataset.names.get(), [&] {
    if (!sample.dicom) return read_image(file);
    return windowed(hounsfield(read_dicom(file)), dataset.window, dicom_bits);
  });
}

std::string split_word(const std::string& text) {
  const std::string word = lower_case(trimmed(text));
  if (word == "train" || word == "training") return "train";
  if (word == "test" || word == "testing") return "test";
  if (word == "val" || word == "valid" || word == "validation") return "validation";
  return "";
}

}  // namespace ganymede
