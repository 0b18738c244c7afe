#include <filesystem>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/data/phantom/written.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

bool is_png(const std::string& path) { return lower_case(path).ends_with(".png"); }

void write_picture(const std::string& file, const Image& image) {
  is_png(file) ? write_png(file, image) : write_jpeg(file, image);
}

/// A photograph that was taken without light.
Image underexposed(const Image& image) {
  Image dark = image;
  for (std::size_t i = 0; i < dark.size(); ++i) dark.set(i, image.value(i) / 16);
  return dark;
}

void write_extra(const PhantomOptions& options, const std::string& file,
                 const phantom::Extra& extra) {
  const Image image = make_phantom(options, extra.label, extra.index).image;
  write_picture(file, extra.ungradable ? underexposed(image) : image);
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
  const phantom::WrittenLayout& written = phantom::written_layout(layout, options.kind);
  require_empty_folder(folder);
  const Dataset dataset = open_phantom(path_of(options));
  const phantom::WrittenSet set = written.plan(options, dataset);
  const auto at = [&](const std::string& path) {
    const fs::path file = fs::path(folder) / path;
    make_folder(file.parent_path().string());
    return file.string();
  };
  std::vector<std::string> files;
  for (const std::string& path : set.images) files.push_back(at(path));
  Rows truth(files.size());
  const std::size_t classes = dataset.classes.size();
  parallel_for(files.size(), [&](std::size_t i) {
    const Phantom phantom =
        make_phantom(options, static_cast<int>(i % classes), static_cast<int>(i / classes));
    if (set.write)
      set.write(files[i], phantom.image, i);
    else
      write_picture(files[i], set.stored ? set.stored(phantom.image, i) : phantom.image);
    truth[i] = truth_row(set.images[i], phantom);
  });
  for (const phantom::Extra& extra : set.extras) write_extra(options, at(extra.path), extra);
  for (const auto& [path, text] : set.texts) write_file(at(path), text);
  write_table(at("truth.csv"), {"image", "lesion_pixels", "top", "left", "bottom", "right"}, truth);
}

}  // namespace ganymede
