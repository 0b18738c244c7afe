#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ganymede/data/dicom.h>
#include <ganymede/data/image.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/window.h>

namespace ganymede {

class PrivateNames;

/// One image with what is known of it.
struct Sample {
  std::string path;   ///< relative to Dataset::root, '/' between folders; also its id in tables
  std::string file;   ///< where it lies, where its name is not shown; empty: root and path say it
  std::string label;  ///< empty in an unlabelled folder
  int class_index = -1;  ///< into Dataset::classes, -1 without a label
  std::string patient;   ///< images of one patient stay together; empty: a patient of its own
  std::string split;     ///< published part: "train", "validation", "test", "rest", or empty
  ImageHeader header{};
  std::shared_ptr<const Image> memory;       ///< the pixels of a phantom; null for a file
  std::shared_ptr<const DicomHeader> dicom;  ///< of a DICOM file, else null
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
  Window window{};                 ///< how DICOM images become grey
  /// What must not be shown of a set with DICOM files; null for others. Paths, patients, notes and
  /// reasons are free of it already.
  std::shared_ptr<const PrivateNames> names;
};

/// What becomes of a file that is no whole image: an error, or a line in Dataset::skipped.
enum class Broken : std::uint8_t { refuse, skip };

/// What becomes of an option that says nothing about the set, such as a window where no image is
/// DICOM: a slip of the person who gave it, or nothing where a network that was trained with it
/// meets images of other origin.
enum class Unused : std::uint8_t { refuse, ignore };

struct OpenOptions {
  Broken broken = Broken::refuse;
  std::string window = "brain";   ///< of DICOM images, as parse_window reads it
  std::string label_set = "any";  ///< of the RSNA set: any, one of its five types, or multi
  Unused unused = Unused::refuse;
};

/// Opens a folder in one of the known layouts (`data/layouts/`), a labels file (`PATH.csv`), or
/// `phantom:KIND[?key=value&...]`. Every file is checked to be a whole image of acceptable size,
/// but not decoded; with Broken::skip it is decoded, and left out with the reason where that fails.
/// Throws FileError (no such path), FormatError (a broken image) or DataError (no image, labels
/// that do not fit), each naming the file and the mend, and SettingError for options that are
/// misspelt or that the set has no use for (Unused).
/// DICOM files that cannot be read are always left out with the reason, as published sets hold
/// some. Their images are 16-bit grey through the window, their patients are numbered, and files
/// whose names tell a patient, a date or a UID are renamed (PrivateNames): no such value is in the
/// data set or in an error.
Dataset open_dataset(const std::string& path, const OpenOptions& options);
Dataset open_dataset(const std::string& path, Broken broken = Broken::refuse);

/// The pixels as stored, or of DICOM through Dataset::window with 8 or 16 bits. Throws as
/// read_image does.
Image load_image(const Dataset& dataset, const Sample& sample, int dicom_bits = 16);
/// Where the image lies. Its name may be secret: never show it.
std::string file_of(const Dataset& dataset, const Sample& sample);

/// Images per class, in the order of Dataset::classes.
std::vector<int> class_counts(const Dataset& dataset);
/// Throws DataError unless every image is labelled and at least two classes are there; `who` is
/// the verb that needs them.
void require_two_classes(const Dataset& dataset, const std::string& who);
/// Whether any image is DICOM, so that Dataset::window says something.
bool has_dicom(const Dataset& dataset);
/// Throws SettingError: a window was asked for, and nothing in `where` is DICOM.
[[noreturn]] void refuse_window(const std::string& window, const std::string& where);
/// The index of the class that a setting names; throws SettingError that lists the classes and says
/// which is near.
int class_named(const Dataset& dataset, const std::string& setting, const std::string& name);
/// The index of `data.positive`; the last class when `name` is empty. Throws SettingError that
/// lists the classes.
int positive_class(const Dataset& dataset, const std::string& name);

/// `--groups FILE`: CSV with image and group (or one of patient_columns). Each image needs exactly
/// one row; throws DataError naming the row or the image.
void apply_groups(Dataset& dataset, const std::string& file);
/// `--split FILE`: CSV with image and split (or part), whose words are train, validation, test and,
/// for images that are to be left alone, rest. A split.csv from an earlier run can be given as it
/// is.
void apply_split(Dataset& dataset, const std::string& file);
/// "train", "validation" or "test" for the spellings in use (val, Training, ...), else "".
std::string split_word(const std::string& text);

}  // namespace ganymede
