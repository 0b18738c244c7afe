#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ganymede/data/image.h>
#include <ganymede/data/png_jpeg.h>

namespace ganymede {

/// One image with what is known of it.
struct Sample {
  std::string path;      ///< relative to Dataset::root, '/' between folders; also its id in tables
  std::string label;     ///< empty in an unlabelled folder
  int class_index = -1;  ///< into Dataset::classes, -1 without a label
  std::string patient;   ///< images of one patient stay together; empty: a patient of its own
  std::string split;     ///< published part: "train", "validation", "test", "rest", or empty
  ImageHeader header{};
  std::shared_ptr<const Image> memory;  ///< the pixels of a phantom; null for a file
};

struct Skipped {
  std::string path, reason;
};

/// A set of images as found on disk or made by a phantom.
struct Dataset {
  std::string root;    ///< folder, or "phantom:..." for images in memory
  std::string layout;  ///< the name of one of data/layouts ("labels.csv", "aptos"), or "phantom"
  std::vector<std::string> classes;
  std::vector<Sample> samples;
  std::vector<Skipped> skipped;
  std::vector<std::string> notes;  ///< facts a person should read before trusting a result
};

/// What becomes of a file that is no whole image: an error, or a line in Dataset::skipped.
enum class Broken : std::uint8_t { refuse, skip };

/// Opens a folder in one of the known layouts (`data/layouts/`), a labels file (`PATH.csv`), or
/// `phantom:KIND[?key=value&...]`. Every file is checked to be a whole image of acceptable size,
/// but not decoded; with Broken::skip it is decoded, and left out with the reason where that fails.
/// Throws FileError (no such path), FormatError (a broken image) or DataError (no image, labels
/// that do not fit), each naming the file and the mend.
Dataset open_dataset(const std::string& path, Broken broken = Broken::refuse);

/// The pixels as stored. Throws as read_image does.
Image load_image(const Dataset& dataset, const Sample& sample);
/// Where the image lies: the root joined with the sample's path.
std::string file_of(const Dataset& dataset, const Sample& sample);

/// Images per class, in the order of Dataset::classes.
std::vector<int> class_counts(const Dataset& dataset);
/// Throws DataError unless every image is labelled and at least two classes are there; `who` is
/// the verb that needs them.
void require_two_classes(const Dataset& dataset, const std::string& who);
/// The index of the class that a setting names; throws SettingError that lists the classes.
int class_named(const Dataset& dataset, const std::string& setting, const std::string& name);
/// The index of `data.positive`; the last class when `name` is empty. Throws SettingError that
/// lists the classes.
int positive_class(const Dataset& dataset, const std::string& name);

/// `--groups FILE`: CSV with image and group (or patient). Each image needs exactly one row; throws
/// DataError naming the row or the image.
void apply_groups(Dataset& dataset, const std::string& file);
/// `--split FILE`: CSV with image and split (or part), whose words are train, validation, test and,
/// for images that are to be left alone, rest. A split.csv from an earlier run can be given as it
/// is.
void apply_split(Dataset& dataset, const std::string& file);
/// "train", "validation" or "test" for the spellings in use (val, Training, ...), else "".
std::string split_word(const std::string& text);

}  // namespace ganymede
