#include <ganymede/tools/study/detection/augmentation_record.h>

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/tools/study/detection/residual_pictures.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

/// Images made from one class, and what they were made from.
struct Source {
  std::vector<Image> inputs, made;
  int kept = 0;
};

}  // namespace

Json augmentation_record(const Context& c, const Synthesis& made, Augmenter by, Json& pictures) {
  std::map<std::string, Source> sources;
  const std::vector<NamedImage> inputs = augmentation_inputs(c, by);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Source& s = sources[inputs[i].label.empty() ? "unlabelled" : inputs[i].label];
    s.inputs.push_back(inputs[i].image);
    s.made.push_back(made.images[i]);
    s.kept += made.fakes[i].kept;
  }
  Json rows = Json::array();
  for (const auto& [label, source] : sources) {
    const auto similarity = mean_ssim(source.inputs, source.made);
    rows.push_back({{"class", label},
                    {"inputs", source.inputs.size()},
                    {"kept", source.kept},
                    {"ssim_to_input", similarity ? Json(*similarity) : Json(nullptr)}});
    pictures.push_back(write_pairs(*c.folder, fmt::format("{}, by {}", label, to_string(by)),
                                   source.inputs, source.made));
  }
  return {{"of", rows}};
}

}  // namespace ganymede::study
