#pragma once

#include <limits>
#include <utility>
#include <vector>

#include <ganymede/data/dicom.h>

namespace ganymede {

/// What takes the place of padding: outside of every window.
inline constexpr float padding_value = -std::numeric_limits<float>::infinity();

/// A slice in physical units: Hounsfield units of a CT, whatever the file means otherwise.
struct Hounsfield {
  int height = 0, width = 0;
  std::vector<float> values;  ///< height x width; padding_value where nothing was measured
  bool inverted = false;      ///< low values are to be shown white
  std::vector<std::pair<double, double>> windows;  ///< centre and width, as in the file
};

/// True for the CTs that the RSNA set is known for: unsigned 12 bits with an intercept above -100,
/// whose values lie 1000 too low and have wrapped around.
bool has_wrapped_values(const DicomHeader& header);

/// Slope and intercept applied (after unwrapping, with the intercept -1000, where values have
/// wrapped), padding marked, a CT's values below -1024 raised to it: nothing is thinner than air.
Hounsfield hounsfield(const DicomPixels& pixels);

}  // namespace ganymede
