// A DICOM file's header, secrets and pixels. Plain pixels are taken from the file itself: decoders
// clear the unused bits of 12-bit files, and with them paddings outside of the 12 bits.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>

#include <fmt/core.h>

#include <ganymede/data/dicom_codec.h>
#include <ganymede/data/dicom_elements.h>
#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw FormatError(fmt::format("{}: {}; replace the file or delete it", path, reason));
}

/// A file and where its values lie.
struct Opened {
  std::string path, bytes;
  DicomElements elements;

  bool is_plain() const { return !elements.has_fragments; }
};

std::string text_of(const Opened& file, std::uint32_t tag) {
  const auto found = file.elements.values.find(tag);
  if (found == file.elements.values.end()) return "";
  const std::string text = file.bytes.substr(found->second.begin, found->second.length);
  return trimmed(text.substr(0, text.find('\0')));
}

std::vector<std::string> values_of(const std::string& text) {
  std::vector<std::string> values;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\\', at), text.size());
    values.push_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return values;
}

std::optional<double> number_in(std::string text) {
  if (text.starts_with('+')) text.erase(0, 1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole =
      error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
  return whole ? std::optional(number) : std::nullopt;
}

std::uint16_t word_at(const Opened& file, std::size_t at) {
  const auto first = static_cast<std::uint8_t>(file.bytes[at]),
             second = static_cast<std::uint8_t>(file.bytes[at + 1]);
  return static_cast<std::uint16_t>(file.elements.big_endian ? first << 8 | second
                                                             : second << 8 | first);
}

/// The first 16-bit number of an element.
std::optional<int> short_of(const Opened& file, std::uint32_t tag) {
  const auto found = file.elements.values.find(tag);
  if (found == file.elements.values.end() || found->second.length < 2) return std::nullopt;
  return word_at(file, found->second.begin);
}

void open(Opened& file, const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  file.path = path;
  file.bytes.assign(bytes.begin(), bytes.end());
  if (bytes.empty()) refuse(path, "the file is empty");
  file.elements = walk_dicom(file.bytes);
  if (!file.elements.fault.empty()) refuse(path, file.elements.fault);
}

/// By the end of the transfer syntax's UID, 1.2.840.10008.1.2...
std::string coding_of(const Opened& file) {
  static const std::map<std::string, std::string> names{
      {"", "implicit VR"},   {".1", "explicit VR"},  {".2", "big endian"},
      {".1.99", "deflated"}, {".5", "RLE"},          {".4.80", "JPEG-LS"},
      {".4.81", "JPEG-LS"},  {".4.90", "JPEG 2000"}, {".4.91", "JPEG 2000"}};
  const std::string root = "1.2.840.10008.1.2", &syntax = file.elements.syntax;
  if (!syntax.starts_with(root)) return "unknown coding";
  const auto found = names.find(syntax.substr(root.size()));
  return found != names.end() ? found->second : "JPEG";
}

void read_windows(const Opened& file, DicomHeader& header) {
  const std::vector<std::string> centres = values_of(text_of(file, 0x00281050)),
                                 widths = values_of(text_of(file, 0x00281051));
  for (std::size_t i = 0; i < std::min(centres.size(), widths.size()); ++i) {
    const auto centre = number_in(centres[i]), width = number_in(widths[i]);
    if (centre && width && *width > 0) header.windows.emplace_back(*centre, *width);
  }
}

void read_rescale(const Opened& file, DicomHeader& header) {
  const auto slope = number_in(text_of(file, 0x00281053)),
             intercept = number_in(text_of(file, 0x00281052));
  header.has_rescale = slope && intercept && *slope != 0;
  if (!header.has_rescale) return;
  header.slope = *slope;
  header.intercept = *intercept;
}

void read_padding(const Opened& file, DicomHeader& header) {
  const auto signed_as_pixels = [&](int number) {
    return header.is_signed ? static_cast<std::int16_t>(number) : number;
  };
  const auto value = short_of(file, 0x00280120), limit = short_of(file, 0x00280121);
  if (!value) return;
  const int first = signed_as_pixels(*value), last = signed_as_pixels(limit.value_or(*value));
  header.padding = std::minmax(first, last);
}

void check_form(const Opened& file, const DicomHeader& header) {
  const std::string& path = file.path;
  const std::string photometric = text_of(file, 0x00280004);
  if (short_of(file, 0x00280002).value_or(1) != 1 || !photometric.starts_with("MONOCHROME"))
    refuse(path, "a colour picture, and only grey DICOM images are read");
  if (const auto frames = number_in(text_of(file, 0x00280008)); frames && *frames > 1)
    refuse(path, fmt::format("{} frames in one file, and only single slices are read", *frames));
  if (header.height < 1 || header.width < 1) refuse(path, "the header names no rows or columns");
  if (header.height > max_image_side || header.width > max_image_side ||
      std::int64_t{header.height} * header.width > max_image_pixels)
    refuse(path, fmt::format("{} x {} pixels, more than the limit of {} a side", header.width,
                             header.height, max_image_side));
  const bool depth = header.bits_allocated == 8 || header.bits_allocated == 16;
  if (!depth || header.bits_stored < 1 || header.bits_stored > header.bits_allocated ||
      header.high_bit >= header.bits_allocated || header.high_bit + 1 < header.bits_stored)
    refuse(path, fmt::format("{} bits stored in {}, and only up to 16 are read", header.bits_stored,
                             header.bits_allocated));
}

DicomHeader header_of(const Opened& file) {
  DicomHeader header;
  header.height = short_of(file, 0x00280010).value_or(0);
  header.width = short_of(file, 0x00280011).value_or(0);
  header.bits_allocated = short_of(file, 0x00280100).value_or(0);
  header.bits_stored = short_of(file, 0x00280101).value_or(header.bits_allocated);
  header.high_bit = short_of(file, 0x00280102).value_or(header.bits_stored - 1);
  header.is_signed = short_of(file, 0x00280103).value_or(0) == 1;
  header.inverted = text_of(file, 0x00280004) == "MONOCHROME1";
  const std::string modality = text_of(file, 0x00080060);
  header.is_ct = modality.empty() || modality == "CT";
  header.coding = coding_of(file);
  read_rescale(file, header);
  read_padding(file, header);
  read_windows(file, header);
  if (file.elements.pixels == 0) refuse(file.path, "no pixel data in it");
  check_form(file, header);
  return header;
}

/// Whether an element says who was examined, when, or in which file.
bool is_secret(std::uint32_t tag, const std::string& type) {
  const bool id = tag == 0x00100020 || tag == 0x00101000 || tag == 0x00080050;
  return id || type == "UI" || type == "PN" || type == "DA" || type == "DT";
}

/// All such values but the standard's own UIDs.
std::vector<std::string> secrets_of(const Opened& file) {
  std::vector<std::string> found;
  for (const auto& [tag, value] : file.elements.values)
    if (is_secret(tag, value.type.empty() || value.type == "UN" ? dicom_type(tag) : value.type))
      for (std::string& text : values_of(text_of(file, tag)))
        if (!text.empty() && !text.starts_with("1.2.840.10008.")) found.push_back(std::move(text));
  return found;
}

/// What a word of the file holds; a padding outside of the stored bits stays what it is.
int stored_value(const DicomHeader& header, std::uint16_t word) {
  const int raw = header.bits_allocated == 16 && header.is_signed ? static_cast<std::int16_t>(word)
                                                                  : static_cast<int>(word);
  if (header.padding && raw >= header.padding->first && raw <= header.padding->second) return raw;
  const int bits = header.bits_stored, shifted = word >> (header.high_bit + 1 - bits);
  const int value = shifted & ((1 << bits) - 1);
  return header.is_signed && (value >> (bits - 1)) != 0 ? value - (1 << bits) : value;
}

std::size_t pixel_bytes(const DicomHeader& header) {
  return std::size_t{1} * header.height * header.width * header.bits_allocated / 8;
}

/// From the values' bytes in one order or the other.
std::vector<int> stored_values(const DicomHeader& header, std::string_view bytes, bool big_endian) {
  std::vector<int> values(std::size_t{1} * header.height * header.width);
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  for (std::size_t i = 0; i < values.size(); ++i) {
    int word = header.bits_allocated == 8 ? byte(i) : byte(2 * i) | byte(2 * i + 1) << 8;
    if (header.bits_allocated == 16 && big_endian) word = byte(2 * i) << 8 | byte(2 * i + 1);
    values[i] = stored_value(header, static_cast<std::uint16_t>(word));
  }
  return values;
}

void check_plain(const Opened& file, const DicomHeader& header) {
  const std::uint64_t there =
      std::min<std::uint64_t>(file.elements.declared, file.bytes.size() - file.elements.pixels);
  if (there < pixel_bytes(header))
    refuse(file.path,
           fmt::format("the pixel data are truncated: {} of {} bytes", there, pixel_bytes(header)));
}

std::vector<int> plain(const Opened& file, const DicomHeader& header) {
  check_plain(file, header);
  return stored_values(header, std::string_view(file.bytes).substr(file.elements.pixels),
                       file.elements.big_endian);
}

std::vector<int> decoded(const Opened& file, const DicomHeader& header) {
  const DicomElements& e = file.elements;
  const std::string values =
      decode_pixels(header, e.syntax, std::string_view(file.bytes).substr(e.pixels, e.declared));
  if (values.size() < pixel_bytes(header))
    refuse(file.path, fmt::format("the pixel data cannot be decoded ({})", header.coding));
  return stored_values(header, values, false);
}

}  // namespace

bool reads_dicom() { return true; }

DicomFacts read_dicom_header(const std::string& path) {
  Opened file;
  open(file, path);
  DicomFacts facts{header_of(file), text_of(file, 0x00100020), secrets_of(file)};
  if (file.is_plain())
    check_plain(file, facts.header);
  else
    decoded(file, facts.header);
  return facts;
}

DicomPixels read_dicom(const std::string& path) {
  Opened file;
  open(file, path);
  const DicomHeader header = header_of(file);
  return {header, file.is_plain() ? plain(file, header) : decoded(file, header)};
}

}  // namespace ganymede
