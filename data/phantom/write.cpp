#include <filesystem>
#include <functional>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/data/phantom/phantom.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

void require_empty(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder, error) &&
      !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    throw FileError(
        fmt::format("{}: exists and is not an empty folder; choose another or empty it", folder));
}

/// Path of image i in the layout, below the folder.
std::string path_in(const std::string& layout, const Sample& sample, std::size_t i) {
  if (layout == "folders") return fmt::format("{}/{:05}.png", sample.label, i);
  if (layout == "labels.csv") return fmt::format("images/{:05}.png", i);
  return fmt::format("head_ct/{:03}.png", i);
}

/// The download mixes RGB and RGBA copies of grey pictures.
Image as_downloaded(const Image& grey, std::size_t i) {
  const int channels = i % 3 == 0 ? 4 : 3;
  Image out(grey.height(), grey.width(), channels, grey.bits());
  for (std::size_t k = 0; k < out.size(); ++k)
    out.set(k, k % channels == 3 ? out.max_value() : grey.value(k / channels));
  return out;
}

void write_labels(const std::string& folder, const std::string& layout, const Dataset& dataset,
                  const std::vector<std::string>& paths) {
  const std::string file = (fs::path(folder) / "labels.csv").string();
  if (layout == "labels.csv") {
    Rows rows;
    for (std::size_t i = 0; i < paths.size(); ++i)
      rows.push_back({paths[i], dataset.samples[i].label});
    write_table(file, {"image", "label"}, rows);
  } else if (layout == "head-ct-hemorrhage") {
    std::string text = "id, hemorrhage\n";  // the space is the publisher's
    for (std::size_t i = 0; i < paths.size(); ++i)
      text += fmt::format("{},{}\n", i, dataset.samples[i].class_index);
    write_file(file, text);
  }
}

std::vector<std::string> truth_row(const std::string& path, const Phantom& phantom) {
  int pixels = 0, top = -1, left = phantom.mask.width(), bottom = -1, right = -1;
  for (int y = 0; y < phantom.mask.height(); ++y)
    for (int x = 0; x < phantom.mask.width(); ++x) {
      if (phantom.mask.at(y, x) == 0) continue;
      ++pixels;
      if (top < 0) top = y;
      bottom = y, left = std::min(left, x), right = std::max(right, x);
    }
  if (pixels == 0) return {path, "0", "", "", "", ""};
  std::vector<std::string> row{path};
  for (int number : {pixels, top, left, bottom, right}) row.push_back(std::to_string(number));
  return row;
}

}  // namespace

void write_phantom(const PhantomOptions& options, const std::string& folder,
                   const std::string& layout) {
  if (layout != "folders" && layout != "labels.csv" && layout != "head-ct-hemorrhage")
    throw SettingError(
        fmt::format("layout '{}': choose one of folders, labels.csv, head-ct-hemorrhage", layout));
  require_empty(folder);
  const Dataset dataset = open_phantom(path_of(options));
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    paths.push_back(path_in(layout, dataset.samples[i], i));
    make_folder((fs::path(folder) / paths.back()).parent_path().string());
  }
  Rows truth(paths.size());
  parallel_for(paths.size(), [&](std::size_t i) {
    const Phantom phantom = make_phantom(options, static_cast<int>(i % 2), static_cast<int>(i / 2));
    write_png((fs::path(folder) / paths[i]).string(),
              layout == "head-ct-hemorrhage" ? as_downloaded(phantom.image, i) : phantom.image);
    truth[i] = truth_row(paths[i], phantom);
  });
  write_labels(folder, layout, dataset, paths);
  write_table((fs::path(folder) / "truth.csv").string(),
              {"image", "lesion_pixels", "top", "left", "bottom", "right"}, truth);
}

}  // namespace ganymede
