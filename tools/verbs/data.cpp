#include <ganymede/tools/data_options.h>
#include <ganymede/tools/verbs/data.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/dataset.h>
#include <ganymede/data/duplicates.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/verbs/data_convert.h>
#include <ganymede/tools/verbs/data_dicom.h>

namespace ganymede {
namespace {

struct Options {
  std::string path, groups, split;
  OpenOptions open;
  bool skip_broken = false;
  bool json = false;
};

struct Findings {
  Dataset dataset;
  Duplicates duplicates;
  std::string fingerprint;
  std::vector<int> groups;
};

Findings examine(const Options& options) {
  Findings found{.dataset = open_dataset(options.path, options.open),
                 .duplicates{},
                 .fingerprint{},
                 .groups{}};
  if (!options.groups.empty()) apply_groups(found.dataset, options.groups);
  if (!options.split.empty()) apply_split(found.dataset, options.split);
  const std::vector<Fingerprint> prints = fingerprints(found.dataset);
  found.duplicates = find_duplicates(found.dataset, prints);
  found.fingerprint = digest(found.dataset, prints);
  found.groups = group_samples(found.dataset, found.duplicates);
  return found;
}

int patients(const Dataset& dataset) {
  std::set<std::string> named;
  int unnamed = 0;
  for (const Sample& sample : dataset.samples) {
    if (sample.patient.empty())
      ++unnamed;
    else
      named.insert(sample.patient);
  }
  return int(named.size()) + unnamed;
}

int groups(const Findings& found) {
  return found.groups.empty() ? 0 : 1 + *std::ranges::max_element(found.groups);
}

/// "134x128 to 640x640"
std::string extents(const Dataset& dataset) {
  const auto area = [](const Sample& s) { return std::int64_t(s.header.width) * s.header.height; };
  const auto [smallest, largest] = std::ranges::minmax_element(dataset.samples, {}, area);
  const auto text = [](const Sample& s) {
    return fmt::format("{}x{}", s.header.width, s.header.height);
  };
  const std::string low = text(*smallest), high = text(*largest);
  return low == high ? low : low + " to " + high;
}

/// "1, 3 or 4"
std::string channels(const Dataset& dataset) {
  std::set<int> found;
  for (const Sample& sample : dataset.samples) found.insert(sample.header.channels);
  return fmt::format("{}", fmt::join(found, ", "));
}

void print_lines(const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  fmt::print("{}\n", title);
  for (const std::string& line : lines) fmt::print("  {}\n", line);
}

/// "30 sets of identical images, 32 redundant (NORMAL 4, PNEUMONIA 28)"
std::string redundancy(const Findings& found) {
  std::size_t redundant = 0;
  for (const std::vector<int>& same : found.duplicates.exact) redundant += same.size() - 1;
  std::vector<std::string> by_class;
  const std::vector<int> counts = redundant_counts(found.dataset, found.duplicates);
  for (std::size_t i = 0; i < counts.size(); ++i)
    by_class.push_back(fmt::format("{} {}", found.dataset.classes[i], counts[i]));
  return fmt::format("{} sets of identical images, {} redundant{}", found.duplicates.exact.size(),
                     redundant, by_class.empty() ? "" : " (" + joined(by_class, ", ") + ")");
}

void print_split(const Findings& found, const std::string& parts) {
  const std::vector<std::string> straddling = straddling_groups(found.dataset, found.groups);
  fmt::print("comes with a split: {} (data.split = published keeps it); {}\n", parts,
             straddling_in_words(straddling));
  print_lines("straddling:", straddling);
}

void print_text(const Findings& found) {
  const Dataset& dataset = found.dataset;
  const std::string stored = channels(dataset);
  fmt::print("{}\nlayout {}, {}, {} pixels, {} channel{}\n", dataset.root, dataset.layout,
             counted(std::ssize(dataset.samples), "image"), extents(dataset), stored,
             stored == "1" ? "" : "s");
  const std::vector<int> counts = class_counts(dataset);
  for (std::size_t i = 0; i < counts.size(); ++i)
    fmt::print("  {:<20} {}\n", dataset.classes[i], counts[i]);
  fmt::print("{}, {} that {} together\n", counted(patients(dataset), "patient"),
             counted(groups(found), "group"), groups(found) == 1 ? "stays" : "stay");
  if (const std::string parts = published_in_words(dataset); !parts.empty())
    print_split(found, parts);
  if (!found.duplicates.exact.empty())
    fmt::print("{}; data.duplicates = drop keeps one of each\n", redundancy(found));
  print_lines("duplicates:", describe(dataset, found.duplicates));
  std::vector<std::string> skipped;
  for (const Skipped& file : dataset.skipped) skipped.push_back(file.path + ": " + file.reason);
  print_lines("skipped:", skipped);
  print_lines("DICOM files:", dicom_lines(dataset));
  print_lines("notes:", dataset.notes);
}

void print_json(const Findings& found) {
  const Dataset& dataset = found.dataset;
  nlohmann::ordered_json json{{"root", dataset.root},
                              {"layout", dataset.layout},
                              {"images", dataset.samples.size()},
                              {"pixels", extents(dataset)},
                              {"channels", channels(dataset)},
                              {"split", published_in_words(dataset)},
                              {"straddling", straddling_groups(dataset, found.groups)},
                              {"patients", patients(dataset)},
                              {"groups", groups(found)},
                              {"fingerprint", found.fingerprint}};
  json["classes"] = nlohmann::ordered_json::object();
  const std::vector<int> counts = class_counts(dataset);
  for (std::size_t i = 0; i < counts.size(); ++i) json["classes"][dataset.classes[i]] = counts[i];
  auto& exact = json["duplicates"]["exact"] = nlohmann::ordered_json::array();
  for (const std::vector<int>& set : found.duplicates.exact) {
    exact.push_back(nlohmann::ordered_json::array());
    for (const int i : set) exact.back().push_back(dataset.samples[std::size_t(i)].path);
  }
  auto& redundant = json["duplicates"]["redundant"] = nlohmann::ordered_json::object();
  const std::vector<int> extra = redundant_counts(dataset, found.duplicates);
  for (std::size_t i = 0; i < extra.size(); ++i) redundant[dataset.classes[i]] = extra[i];
  auto& near = json["duplicates"]["near"] = nlohmann::ordered_json::array();
  for (const NearPair& pair : found.duplicates.near)
    near.push_back({{"a", dataset.samples[std::size_t(pair.a)].path},
                    {"b", dataset.samples[std::size_t(pair.b)].path},
                    {"correlation", pair.correlation}});
  auto& skipped = json["skipped"] = nlohmann::ordered_json::array();
  for (const Skipped& file : dataset.skipped)
    skipped.push_back({{"path", file.path}, {"reason", file.reason}});
  if (const auto files = dicom_json(dataset); !files.empty()) json["dicom"] = files;
  json["notes"] = dataset.notes;
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

int show_data(const Options& options) {
  if (options.path.empty()) throw SettingError("data: PATH is required; `data --help` shows how");
  const Findings found = examine(options);
  if (options.json)
    print_json(found);
  else
    print_text(found);
  return 0;
}

}  // namespace

void add_data(CommandLine& program) {
  CommandLine& verb =
      program.verb("data", "A data set's layout, classes, patients, duplicates and skipped files",
                   "ganymede data ~/head-ct-hemorrhage --json");
  auto options = std::make_shared<Options>();
  verb.optional_argument("PATH", options->path, "a folder, a labels file, or phantom:KIND");
  declare_lists(verb, options->groups, options->split);
  declare_dicom(verb, options->open);
  declare_skip_broken(verb, options->skip_broken);
  verb.flag("--json", options->json, "print JSON");
  verb.action([options] {
    if (options->skip_broken) options->open.broken = Broken::skip;
    return show_data(*options);
  });
  add_data_convert(verb);
}

}  // namespace ganymede
