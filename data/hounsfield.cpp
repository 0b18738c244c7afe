#include <ganymede/data/hounsfield.h>

#include <algorithm>

namespace ganymede {
namespace {

constexpr double least_of_ct = -1024;

bool is_padding(const DicomHeader& header, int stored) {
  return header.padding && stored >= header.padding->first && stored <= header.padding->second;
}

double physical(const DicomHeader& header, int stored) {
  if (!has_wrapped_values(header)) return header.slope * stored + header.intercept;
  const int shifted = stored + 1000;
  return header.slope * (shifted >= 4096 ? shifted - 4096 : shifted) - 1000;
}

}  // namespace

bool has_wrapped_values(const DicomHeader& header) {
  return header.is_ct && header.has_rescale && !header.is_signed && header.bits_stored == 12 &&
         header.intercept > -100;
}

Hounsfield hounsfield(const DicomPixels& pixels) {
  const DicomHeader& header = pixels.header;
  Hounsfield slice{header.height, header.width, {}, header.inverted, header.windows};
  slice.values.reserve(pixels.stored.size());
  for (const int stored : pixels.stored) {
    const double value = physical(header, stored);
    slice.values.push_back(
        is_padding(header, stored)
            ? padding_value
            : static_cast<float>(header.is_ct ? std::max(value, least_of_ct) : value));
  }
  return slice;
}

}  // namespace ganymede
