#pragma once

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <ganymede/data/dicom.h>
#include <ganymede/data/phantom/dicom_file.h>

#include "support.h"

namespace ganymede::test {

using phantom::DicomFile;

/// A CT slice of 2 x 3 values, or of others, of a patient of its own.
inline DicomFile slice(std::vector<int> stored = {0, 1024, 1064, 1104, 2024, 3000}, int width = 3) {
  DicomFile file;
  file.width = width;
  file.height = static_cast<int>(stored.size()) / width;
  file.stored = std::move(stored);
  file.patient = "somebody";
  file.study = "1.2.3.4.1", file.series = "1.2.3.4.2", file.instance = "1.2.3.4.3";
  return file;
}

inline std::string text_of(const DicomFile& file) {
  const std::vector<std::uint8_t> bytes = encode_dicom(file);
  return {bytes.begin(), bytes.end()};
}

/// Says so where this build has no DICOM; a test returns then.
inline bool without_dicom() {
  if (!reads_dicom()) WARN("skipped: this build does not read DICOM");
  return !reads_dicom();
}

}  // namespace ganymede::test
