#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ganymede::phantom {

/// One more element; `vr` is two letters of a text ("PN", "DA", "UI", "LO").
struct DicomElement {
  std::uint16_t group, element;
  std::string vr, text;
};

/// A CT slice to be written, with what real ones vary in. An empty text leaves its element out.
struct DicomFile {
  int height = 0, width = 0;
  std::vector<int> stored;  ///< height x width; more bits than bits_stored are written as they are
  int bits_allocated = 16, bits_stored = 16;
  bool is_signed = true, inverted = false;
  bool implicit = false;  ///< implicit VR and no name of a type at each element
  bool rle = false;       ///< compressed, which wants explicit VR
  bool preamble = true;   ///< without it and the group 2, as old files are
  std::string slope = "1", intercept = "-1024";
  std::string centres = "40", widths = "80";  ///< several separated by a backslash
  std::optional<int> padding;
  std::string patient, study, series, instance;  ///< ids as texts
  std::vector<DicomElement> more;
};

/// The bytes of the file. An own writer: what is written here is read by another's code.
std::vector<std::uint8_t> encode_dicom(const DicomFile& file);

}  // namespace ganymede::phantom
