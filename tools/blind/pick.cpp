#include <ganymede/tools/blind/pick.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede::blind {
namespace {

/// Samples of that path, else of that file name in any folder.
std::vector<int> named(const std::string& name, const Dataset& dataset) {
  std::vector<int> by_path, by_name;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const std::string& path = dataset.samples[i].path;
    if (path == name) by_path.push_back(int(i));
    if (std::filesystem::path(path).filename() == name) by_name.push_back(int(i));
  }
  return by_path.empty() ? by_name : by_path;
}

[[noreturn]] void refuse_missing(const std::string& place, const std::string& name,
                                 const Dataset& dataset) {
  std::vector<std::string> known;
  for (const Sample& sample : dataset.samples) known.push_back(sample.path);
  throw DataError(fmt::format("{}: no image '{}'{}a line names an image of {}", place, name,
                              did_you_mean(name, known), dataset.root));
}

}  // namespace

std::vector<int> picked_samples(const std::string& file, const Dataset& dataset) {
  const auto bytes = read_file(file);
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  std::vector<int> picked;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string name = trimmed(line), place = fmt::format("{} line {}", file, number);
    if (name.empty() || name.front() == '#') continue;
    const std::vector<int> found = named(name, dataset);
    if (found.empty()) refuse_missing(place, name, dataset);
    if (found.size() > 1)
      throw DataError(fmt::format("{}: '{}' is {} images, in several folders; write its path in {}",
                                  place, name, found.size(), dataset.root));
    if (std::ranges::find(picked, found.front()) != picked.end())
      throw DataError(fmt::format("{}: '{}' is named before; take one of them out", place, name));
    picked.push_back(found.front());
  }
  if (picked.empty())
    throw DataError(file + ": names no image; write one a line, as they are called in " +
                    dataset.root);
  return picked;
}

}  // namespace ganymede::blind
