#include <ganymede/tools/report/confusion.h>
#include <ganymede/tools/report/svg_heat_map.h>
#include <ganymede/tools/report/text.h>
#include <ganymede/tools/report/words.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ganymede::report {

std::string ConfusionPicture::file() const {
  return fmt::format("pictures/confusion-{}-{}.svg", file_name(arm), file_name(network));
}

std::string confusion_plot(const std::string& title, const Json& matrix, const Json& classes) {
  HeatMap map{title, {}, {}};
  if (!matrix.is_array()) return "";
  for (const auto& row : matrix) {
    const std::size_t k = map.counts.size();
    map.classes.push_back(classes.is_array() && k < classes.size() ? in_words(classes[k])
                                                                   : std::to_string(k));
    map.counts.push_back(numbers_of(row));
    if (map.counts.back().size() != matrix.size()) return "";
  }
  return map.counts.empty() ? "" : heat_map(map);
}

std::vector<ConfusionPicture> confusion_pictures(const Json& run) {
  const Json& classes = part(part(run, "data"), "classes");
  std::vector<ConfusionPicture> pictures;
  for (const auto& network : networks_of(run))
    for (const auto& arm : arms_of(run)) {
      const Json& matrix = part(part(part(part(run, "arms"), arm), network), "confusion");
      auto svg = confusion_plot(arm + ", " + network, matrix, classes);
      if (!svg.empty()) pictures.push_back({arm, network, std::move(svg)});
    }
  return pictures;
}

}  // namespace ganymede::report
