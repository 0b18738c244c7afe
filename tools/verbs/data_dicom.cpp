#include <ganymede/tools/verbs/data_dicom.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/text.h>

namespace ganymede {
namespace {

constexpr std::size_t most_lines = 200;

/// "40/80, 80/200", or "none"
std::string windows(const DicomHeader& header) {
  std::vector<std::string> words;
  for (const auto& [centre, width] : header.windows)
    words.push_back(fmt::format("{}/{}", centre, width));
  return words.empty() ? "none" : joined(words, ", ");
}

std::string line_of(const Sample& sample) {
  const DicomHeader& h = *sample.dicom;
  return fmt::format("{:<24} {}x{}, {} of {} bits {}, window {}, patient {}{}, {}", sample.path,
                     h.width, h.height, h.bits_stored, h.bits_allocated,
                     h.is_signed ? "signed" : "unsigned", windows(h),
                     sample.patient.empty() ? "unnamed" : sample.patient,
                     h.inverted ? ", MONOCHROME1" : "", h.coding);
}

}  // namespace

std::vector<std::string> dicom_lines(const Dataset& dataset) {
  std::vector<std::string> lines;
  std::size_t more = 0;
  for (const Sample& sample : dataset.samples) {
    if (!sample.dicom) continue;
    if (lines.size() < most_lines)
      lines.push_back(line_of(sample));
    else
      ++more;
  }
  if (more > 0) lines.push_back(fmt::format("and {} more; --json lists all", more));
  return lines;
}

nlohmann::ordered_json dicom_json(const Dataset& dataset) {
  auto files = nlohmann::ordered_json::array();
  for (const Sample& sample : dataset.samples) {
    if (!sample.dicom) continue;
    const DicomHeader& h = *sample.dicom;
    files.push_back({{"path", sample.path},
                     {"width", h.width},
                     {"height", h.height},
                     {"bits_stored", h.bits_stored},
                     {"bits_allocated", h.bits_allocated},
                     {"signed", h.is_signed},
                     {"inverted", h.inverted},
                     {"slope", h.slope},
                     {"intercept", h.intercept},
                     {"windows", h.windows},
                     {"coding", h.coding},
                     {"patient", sample.patient}});
  }
  return files;
}

}  // namespace ganymede
