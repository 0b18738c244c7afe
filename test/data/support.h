#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <ganymede/data/dataset.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/file.h>

#include "test/places.h"

namespace fs = std::filesystem;

namespace ganymede::test {

/// A folder of its own for one test, gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "ganymede-data-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  /// Writes text, making the folders above it.
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(*this / name).parent_path());
    write_file(*this / name, text);
  }
  void write(const std::string& name, const Image& image) const {
    fs::create_directories(fs::path(*this / name).parent_path());
    write_png(*this / name, image);
  }

 private:
  std::string path_;
};

/// A picture that differs from seed to seed in every pixel.
inline Image picture(int seed, int height = 12, int width = 10, int channels = 1, int bits = 8) {
  Image image(height, width, channels, bits);
  unsigned state = 12345u + 2654435761u * static_cast<unsigned>(seed);
  for (std::size_t i = 0; i < image.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    image.set(i, (state >> 8) % (static_cast<unsigned>(image.max_value()) + 1));
  }
  return image;
}

/// What the error says; "" when there is none or it is of another type.
template <class Error, class Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// True when the file is reported as skipped with this in its reason.
inline bool skipped(const Dataset& dataset, const std::string& path, const std::string& reason) {
  return std::any_of(dataset.skipped.begin(), dataset.skipped.end(), [&](const Skipped& entry) {
    return entry.path == path && holds(entry.reason, reason);
  });
}

/// Area under the ROC curve of one number per image, the better of the two directions.
inline double area_apart(const std::vector<double>& normal, const std::vector<double>& sick) {
  double wins = 0;
  for (double a : sick)
    for (double b : normal) wins += a > b ? 1 : a == b ? 0.5 : 0;
  const double area = wins / double(normal.size() * sick.size());
  return std::max(area, 1 - area);
}

/// Samples without files: sizes[c] of class c.
inline Dataset bare(const std::vector<int>& sizes) {
  Dataset dataset;
  dataset.root = "bare";
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    dataset.classes.push_back("c" + std::to_string(c));
    for (int i = 0; i < sizes[c]; ++i) {
      Sample sample;
      sample.path = dataset.classes.back() + "/" + std::to_string(i) + ".png";
      sample.label = dataset.classes.back();
      sample.class_index = static_cast<int>(c);
      dataset.samples.push_back(sample);
    }
  }
  return dataset;
}

}  // namespace ganymede::test
