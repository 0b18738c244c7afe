#include <ganymede/tools/study/detection/augmentation_record.h>

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/engine/ops/metric.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/models/pixels.h>
#include <ganymede/tools/study/detection/residual_pictures.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

/// Images made from one class, and what they were made from.
struct Source {
  std::vector<Image> inputs, made;
  int kept = 0;
};

/// Mean over the pairs; values in [0, 1].
Json mean_ssim(const Context& c, const Source& source) {
  constexpr int window = 11;
  if (std::min(c.data.size, c.data.columns) < window) return nullptr;
  const Recording off(false);
  double sum = 0;
  constexpr std::size_t chunk = 64;
  for (std::size_t i = 0; i < source.made.size(); i += chunk) {
    const std::size_t end = std::min(source.made.size(), i + chunk);
    const auto values = [&](const std::vector<Image>& images) {
      const std::vector<Image> some(images.begin() + std::ptrdiff_t(i),
                                    images.begin() + std::ptrdiff_t(end));
      return affine(Var(gather_images(resident(c.data, some), {})), 0.5f, 0.5f);
    };
    for (float s : ssim(values(source.inputs), values(source.made)).value().host()) sum += s;
  }
  return sum / double(source.made.size());
}

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
    rows.push_back({{"class", label},
                    {"inputs", source.inputs.size()},
                    {"kept", source.kept},
                    {"ssim_to_input", mean_ssim(c, source)}});
    pictures.push_back(write_pairs(*c.folder, fmt::format("{}, by {}", label, to_string(by)),
                                   source.inputs, source.made));
  }
  return {{"of", rows}};
}

}  // namespace ganymede::study
