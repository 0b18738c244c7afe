// Stands in for dicom_gdcm.cpp in builds without GDCM.

#include <fmt/core.h>

#include <ganymede/data/dicom.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

[[noreturn]] void refuse(const std::string& path) {
  throw DataError(
      fmt::format("{}: this build does not read DICOM; install libgdcm-dev and build again with "
                  "GANYMEDE_DICOM=ON",
                  path));
}

}  // namespace

bool reads_dicom() { return false; }
DicomFacts read_dicom_header(const std::string& path) { refuse(path); }
DicomPixels read_dicom(const std::string& path) { refuse(path); }

}  // namespace ganymede
