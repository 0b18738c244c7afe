#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ganymede/data/dicom.h>

namespace ganymede {

// What GDCM is asked for; its types stay in dicom_gdcm.cpp.

/// The type that the standard's dictionary gives an element, two letters, for files without.
std::string dicom_type(std::uint32_t tag);

/// Compressed pixels (`fragments`, as they lie in the file) as little endian values of the header's
/// form; "" where they cannot be decoded.
std::string decode_pixels(const DicomHeader& header, const std::string& syntax,
                          std::string_view fragments);

}  // namespace ganymede
