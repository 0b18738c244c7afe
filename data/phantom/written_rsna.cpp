// The RSNA set's layout with all that its files vary in: depth and sign, windows of one or several
// values, padding with and without its tag, 12-bit values that have wrapped around, implicit VR,
// RLE, MONOCHROME1, repeated rows, and ID_6431af929, whose pixels end too early. Read through the
// brain window each image is the phantom again.

#include <array>
#include <cmath>
#include <memory>
#include <span>

#include <fmt/core.h>

#include <ganymede/data/phantom/dicom_file.h>
#include <ganymede/data/phantom/head_ct.h>
#include <ganymede/data/phantom/written.h>
#include <ganymede/kernels/file.h>
#include <ganymede/kernels/host_rng.h>

namespace ganymede::phantom {
namespace {

constexpr std::array types{"epidural", "intraparenchymal", "intraventricular", "subarachnoid",
                           "subdural"};
constexpr double air = -1000, brain_width = 80;
constexpr int outside = -2000;  // what scanners write around their round field of view
constexpr const char* truncated_id = "ID_6431af929";

/// "ID_" and hexadecimal digits, as the set calls everything.
std::string id_of(std::uint64_t seed, const std::string& what, std::size_t number, int digits) {
  HostRng rng(seed, fmt::format("phantom/rsna/{}/{}", what, number));
  const std::uint64_t bits = std::uint64_t{rng.bits()} << 32 | rng.bits();
  return "ID_" + fmt::format("{:016x}", bits).substr(0, std::size_t(digits));
}

/// The black pixels that the border reaches through black ones.
std::vector<bool> air_of(const Image& image) {
  const int height = image.height(), width = image.width();
  std::vector<bool> is_air(image.size(), false);
  std::vector<std::pair<int, int>> open;
  const auto visit = [&](int y, int x) {
    if (y < 0 || x < 0 || y >= height || x >= width || image.at(y, x) != 0) return;
    const std::size_t i = std::size_t(y) * width + x;
    if (is_air[i]) return;
    is_air[i] = true;
    open.emplace_back(y, x);
  };
  for (int y = 0; y < height; ++y) visit(y, 0), visit(y, width - 1);
  for (int x = 0; x < width; ++x) visit(0, x), visit(height - 1, x);
  while (!open.empty()) {
    const auto [y, x] = open.back();
    open.pop_back();
    visit(y - 1, x), visit(y + 1, x), visit(y, x - 1), visit(y, x + 1);
  }
  return is_air;
}

bool outside_view(const DicomFile& file, std::size_t i) {
  const double y = 2.0 * double(i / file.width) / file.height - 1,
               x = 2.0 * double(i % file.width) / file.width - 1;
  return x * x + y * y > 1;
}

/// Fine enough a slope that each grey level of the brain window comes back; 12 bits then reach to
/// about 200 Hounsfield units.
void set_twelve_bits(DicomFile& file, const char* intercept) {
  file.is_signed = false;
  file.bits_stored = 12;
  file.slope = "0.3";
  file.intercept = intercept;
}

/// What the i-th file is like. Two files in a row, one of each class, are alike.
DicomFile form_of(std::size_t i) {
  DicomFile file;
  file.slope = "0.25";
  switch (i / 2 % 8) {
    case 1:
      set_twelve_bits(file, "-1024");
      file.implicit = true;
      file.centres = "00036\\00036", file.widths = "00080\\00080";
      break;
    case 2:
      set_twelve_bits(file, "0");  // wrapped
      break;
    case 3:
      file.padding = outside;
      file.centres = "40\\600", file.widths = "80\\2800";
      break;
    case 4:
      file.inverted = true;
      break;
    case 5:
      file.rle = true;
      break;
    case 6:
      file.implicit = true;
      file.centres = "35.000000", file.widths = "135.000000";
      break;
    default:
      break;
  }
  return file;
}

bool is_wrapped(const DicomFile& file) { return file.intercept == "0"; }

int stored(const DicomFile& file, double hounsfield) {
  const double slope = std::stod(file.slope);
  if (!is_wrapped(file))
    return static_cast<int>(std::lround((hounsfield - std::stod(file.intercept)) / slope));
  const int unwrapped = static_cast<int>(std::lround((hounsfield - air) / slope));
  return (unwrapped + 4096 - 1000) % 4096;
}

DicomFile file_of(const Image& image, std::size_t i) {
  DicomFile file = form_of(i);
  file.height = image.height();
  file.width = image.width();
  const std::vector<bool> is_air = air_of(image);
  const bool surrounded = file.padding || i / 2 % 8 == 7;  // with the tag, or without
  const double bone = file.bits_stored == 12 ? 200 : 1000;
  for (std::size_t k = 0; k < image.size(); ++k) {
    const int grey = image.value(k);
    const double brain = brain_width * grey / 255, hounsfield = is_air[k]     ? air
                                                                : grey == 255 ? bone
                                                                              : brain;
    const bool padded = surrounded && is_air[k] && outside_view(file, k);
    file.stored.push_back(
        padded ? outside : stored(file, file.inverted ? brain_width - hounsfield : hounsfield));
  }
  return file;
}

std::vector<std::uint8_t> bytes_of(const Image& image, std::size_t i, std::uint64_t seed,
                                   const std::string& id) {
  DicomFile file = file_of(image, i);
  file.instance = id;
  file.patient = id_of(seed, "patient", i / 2, 8);
  file.study = id_of(seed, "study", i / 2, 10);
  file.series = id_of(seed, "series", i / 2, 10);
  return encode_dicom(file);
}

/// The types of a bleeding image; some have two, as in the set.
std::array<bool, 5> types_of(const PhantomOptions& options, const Sample& sample, std::size_t i) {
  std::array<bool, 5> has{};
  if (sample.class_index != 1) return has;
  const bool truly = i % 2 == 1;  // else its label was shuffled
  const std::string type = truly ? bleeding_type(options, static_cast<int>(i / 2)) : types[i % 5];
  for (std::size_t k = 0; k < types.size(); ++k) has[k] = type == types[k];
  if (i / 2 % 7 == 3) has[3] = true;
  return has;
}

std::string rows_of(const std::string& id, const std::array<bool, 5>& has) {
  std::string rows;
  bool any = false;
  for (std::size_t k = 0; k < types.size(); ++k) {
    rows += fmt::format("{}_{},{}\n", id, types[k], has[k] ? 1 : 0);
    any = any || has[k];
  }
  return rows + fmt::format("{}_any,{}\n", id, any ? 1 : 0);
}

std::string truncated_file(const PhantomOptions& options) {
  const Image image = make_phantom(options, 0, options.per_class).image;  // one that is in no set
  const auto bytes = bytes_of(image, 0, options.seed + 1, truncated_id);
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3)};
}

}  // namespace

WrittenSet plan_rsna(const PhantomOptions& options, const Dataset& dataset) {
  WrittenSet set;
  std::string table = "ID,Label\n";
  const auto path_of_id = [](const std::string& id) { return "stage_2_train/" + id + ".dcm"; };
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    ids.push_back(id_of(options.seed, "image", i, 9));
    set.images.push_back(path_of_id(ids[i]));
    table += rows_of(ids[i], types_of(options, dataset.samples[i], i));
  }
  table += rows_of(truncated_id, {});
  table += rows_of(ids[0], types_of(options, dataset.samples[0], 0));  // once more, as published
  set.texts.emplace_back("stage_2_train.csv", table);
  set.texts.emplace_back(path_of_id(truncated_id), truncated_file(options));
  set.write = [ids, seed = options.seed](const std::string& file, const Image& image,
                                         std::size_t i) {
    const auto bytes = bytes_of(image, i, seed, ids[i]);
    replace_file(file, std::as_bytes(std::span(bytes)));
  };
  return set;
}

}  // namespace ganymede::phantom
