// The RSNA intracranial hemorrhage set as downloaded: stage_2_train.csv (or stage_1) with the
// header ID,Label and six rows per image, ID_12cadc6af_epidural,0, some of them twice; the images
// ID_xxxxxxxxx.dcm anywhere below. Its table has millions of rows, so it is read line by line and
// only rows of images that are here are kept.

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include <ganymede/data/layouts/layout.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

constexpr std::array types{"epidural",     "intraparenchymal", "intraventricular",
                           "subarachnoid", "subdural",         "any"};
constexpr std::size_t any = 5;

/// What the table says of one image.
struct Labels {
  std::array<int, 6> value{-1, -1, -1, -1, -1, -1}, line{};
};

struct RsnaTable {
  std::vector<Labels> images;  // as Folder::images
  long repeated = 0, elsewhere = 0;
};

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The table's path below the folder, or "".
std::string table_in(const Folder& folder) {
  for (const char* name : {"stage_2_train.csv", "stage_1_train.csv"})
    for (const std::string& path : folder.others)
      if (lower_case(name_of(path)) == name) return path;
  return "";
}

bool recognise(const Folder& folder) { return !table_in(folder).empty(); }

/// Reads the lines of the table; errors name the row, never the image, whose name is a UID.
class Reader {
 public:
  Reader(const Folder& folder, std::string name) : name_(std::move(name)) {
    table_.images.resize(folder.images.size());
    for (std::size_t i = 0; i < folder.images.size(); ++i) {
      const std::string file = lower_case(name_of(folder.images[i]));
      image_of_.emplace(file.substr(0, file.find('.')), i);
    }
  }

  RsnaTable read(std::string_view text) {
    int line = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string row = trimmed(std::string(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (++line == 1)
        take_header(row);
      else if (!row.empty())
        take(row, line);
    }
    return std::move(table_);
  }

 private:
  [[noreturn]] void refuse(int line, const std::string& fault) const {
    throw DataError(fmt::format("{} row {}: {}", name_, line, fault));
  }

  void take_header(const std::string& row) const {
    std::string plain;
    for (const char c : lower_case(row))
      if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == ',') plain += c;
    if (plain != "id,label") refuse(1, "expected the header ID,Label");
  }

  void take(const std::string& row, int line) {
    const std::size_t comma = row.rfind(','), bar = row.rfind('_', comma);
    if (comma == std::string::npos || bar == std::string::npos)
      refuse(line, "expected an id with its type and a label, as in ID_x_any,0");
    const std::string type = lower_case(trimmed(row.substr(bar + 1, comma - bar - 1))),
                      label = trimmed(row.substr(comma + 1));
    const auto found = std::find(types.begin(), types.end(), type);
    if (found == types.end())
      refuse(line, fmt::format("unknown type '{}', expected {}", type, fmt::join(types, ", ")));
    if (label != "0" && label != "1")
      refuse(line, fmt::format("unknown label '{}', expected 0 or 1", label));
    const auto image = image_of_.find(lower_case(row.substr(0, bar)));
    if (image == image_of_.end())
      ++table_.elsewhere;
    else
      note(table_.images[image->second], static_cast<std::size_t>(found - types.begin()),
           label == "1", line);
  }

  void note(Labels& labels, std::size_t type, int value, int line) {
    int& known = labels.value[type];
    if (known >= 0 && known != value)
      refuse(line, fmt::format("says {} of '{}' in an image where row {} says {}; delete the wrong "
                               "row",
                               value, types[type], labels.line[type], known));
    table_.repeated += known >= 0;
    known = value;
    labels.line[type] = line;
  }

  std::string name_;
  std::unordered_map<std::string, std::size_t> image_of_;
  RsnaTable table_;
};

struct Class {
  std::string label, why_not;
};

/// One class of the five types; an image with several belongs to none.
Class only_type(const Labels& labels) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < any; ++i)
    if (labels.value[i] == 1) found.emplace_back(types[i]);
  if (found.size() > 1)
    return {"", fmt::format("bleeds in several ways ({}), so it has no one class with "
                            "data.label_set = multi",
                            joined(found, ", "))};
  if (found.empty() != (labels.value[any] == 0))
    return {"", "its row for 'any' contradicts those for the types"};
  return {found.empty() ? "normal" : found[0], ""};
}

Class class_of(const Labels& labels, const std::string& label_set, const std::string& table) {
  for (std::size_t i = 0; i < types.size(); ++i)
    if (labels.value[i] < 0 && (label_set == "multi" || label_set == types[i]))
      return {"", fmt::format("no row for '{}' in {}", types[i], table)};
  if (label_set == "multi") return only_type(labels);
  const auto type = std::find(types.begin(), types.end(), label_set) - types.begin();
  const bool sick = labels.value[std::size_t(type)] == 1;
  if (label_set == "any") return {sick ? "hemorrhage" : "normal", ""};
  return {sick ? label_set : "no_" + label_set, ""};
}

std::vector<std::string> classes_of(const std::string& label_set, const Dataset& dataset) {
  if (label_set == "any") return {"normal", "hemorrhage"};
  if (label_set != "multi") return {"no_" + label_set, label_set};
  std::vector<std::string> all{"normal"};
  all.insert(all.end(), types.begin(), types.end() - 1);
  std::erase_if(all, [&](const std::string& name) {
    return std::none_of(dataset.samples.begin(), dataset.samples.end(),
                        [&](const Sample& sample) { return sample.label == name; });
  });
  return all;
}

void check_label_set(const std::string& label_set) {
  if (label_set == "multi" || std::find(types.begin(), types.end(), label_set) != types.end())
    return;
  throw SettingError(fmt::format("data.label_set = '{}': expected {} or multi", label_set,
                                 fmt::join(types, ", ")));
}

Dataset read(const Folder& folder) {
  check_label_set(folder.label_set);
  const std::string path = table_in(folder), name = name_of(path);
  const std::vector<std::uint8_t> bytes = read_file(folder.root + "/" + path);
  const RsnaTable table =
      Reader(folder, name).read({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  Dataset dataset;
  dataset.layout = "rsna";
  for (std::size_t i = 0; i < folder.images.size(); ++i) {
    const Class found = class_of(table.images[i], folder.label_set, name);
    if (found.label.empty()) {
      dataset.skipped.push_back({folder.images[i], found.why_not});
      continue;
    }
    dataset.samples.emplace_back();
    dataset.samples.back().path = folder.images[i];
    dataset.samples.back().label = found.label;
  }
  for (const std::string& other : folder.others)
    if (other != path) dataset.skipped.push_back({other, "no image of the set"});
  dataset.classes = classes_of(folder.label_set, dataset);
  if (table.repeated > 0)
    dataset.notes.push_back(fmt::format("{}: {} rows repeat others", name, table.repeated));
  if (table.elsewhere > 0)
    dataset.notes.push_back(
        fmt::format("{}: {} rows name images that are not here", name, table.elsewhere));
  return dataset;
}

}  // namespace

const Layout rsna_layout{"rsna", recognise, read};

}  // namespace ganymede
