#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ganymede {

/// What a DICOM file says of its pixels.
struct DicomHeader {
  int height = 0, width = 0;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  bool inverted = false;                           ///< MONOCHROME1: the lowest value is white
  bool is_ct = true;                               ///< by its modality, or where it names none
  bool has_rescale = false;                        ///< slope and intercept stand in the file
  double slope = 1, intercept = 0;                 ///< stored value -> Hounsfield units
  std::optional<std::pair<int, int>> padding;      ///< lowest and highest stored padding value
  std::vector<std::pair<double, double>> windows;  ///< centre and width, in the file's order
  std::string coding;  ///< of the pixels: "implicit VR", "RLE", "JPEG-LS", ...
};

/// A header beside what must not leave the program.
struct DicomFacts {
  DicomHeader header;
  std::string patient;               ///< PatientID, empty where the file has none
  std::vector<std::string> secrets;  ///< every UID, person's name, date and id in it
};

struct DicomPixels {
  DicomHeader header;
  std::vector<int> stored;  ///< height x width, sign extended, unused bits removed
};

/// Whether this build reads DICOM.
bool reads_dicom();

// Both of the following decode compressed pixels in a child of this process, forked for the slice
// and waited for by its id. Where it hangs, as on a lock that another thread held at the fork, it
// is tried again, up to eight times and a minute in all. It inherits all open files while it lives.
// A host may have threads, also ones that read side by side, but must neither ignore SIGCHLD nor
// reap children that are not its own: a file whose child's end is not heard of counts as damaged.

/// Checks that the file is a whole grey picture of one frame and acceptable size: length of plain
/// pixel data, decoding of compressed ones. Throws FileError or FormatError with path, reason and
/// mend, and DataError in a build without GDCM. Messages hold no value of a tag, but the path.
DicomFacts read_dicom_header(const std::string& path);
/// Implicit and explicit VR, little and big endian, plain, deflated, RLE, JPEG, JPEG-LS and JPEG
/// 2000. Throws as read_dicom_header.
DicomPixels read_dicom(const std::string& path);

/// True for names that end in .dcm, .dicom or .ima in any case.
bool has_dicom_name(const std::string& path);
/// True where the file has DICOM's mark behind its preamble; files of archives often have no
/// ending.
bool has_dicom_mark(const std::string& path);

}  // namespace ganymede
