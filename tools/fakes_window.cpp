#include <ganymede/tools/fakes_window.h>

#include <filesystem>

#include <ganymede/data/window.h>
#include <ganymede/models/recipe.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;

/// The nearest folder above `path`, or itself, with a run's settings; empty where there is none.
fs::path run_above(const std::string& path) {
  std::error_code error;
  for (fs::path folder = fs::weakly_canonical(path, error); !error; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "run.toml", error)) return folder;
    if (folder == folder.parent_path()) break;
    error.clear();  // a file that is not there is none
  }
  return {};
}

}  // namespace

FakesWindow fakes_window(const std::string& asked, const std::string& fakes) {
  if (!asked.empty()) {
    parse_window(asked);
    return {asked, ""};
  }
  const fs::path run = run_above(fakes);
  if (run.empty()) return {OpenOptions{}.window, ""};
  return {Recipe::load((run / "run.toml").string()).text("data.window"), run.string()};
}

void take_fakes_window(Dataset& dataset, const std::string& asked, const std::string& fakes) {
  if (has_dicom(dataset)) dataset.window = parse_window(fakes_window(asked, fakes).window);
}

}  // namespace ganymede
