#include <array>
#include <cstring>
#include <fstream>

#include <ganymede/data/dicom.h>
#include <ganymede/data/text.h>

namespace ganymede {

bool has_dicom_name(const std::string& path) {
  const std::string lower = lower_case(path);
  return lower.ends_with(".dcm") || lower.ends_with(".dicom") || lower.ends_with(".ima");
}

bool has_dicom_mark(const std::string& path) {
  std::array<char, 132> start{};
  std::ifstream file(path, std::ios::binary);
  return file.read(start.data(), start.size()) && std::memcmp(&start[128], "DICM", 4) == 0;
}

}  // namespace ganymede
