#include <ganymede/data/phantom/written.h>

#include <array>

#include <fmt/core.h>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede::phantom {
namespace {

WrittenSet plan_folders(const PhantomOptions&, const Dataset& dataset) {
  WrittenSet set;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i)
    set.images.push_back(fmt::format("{}/{:05}.png", dataset.samples[i].label, i));
  return set;
}

WrittenSet plan_labels_csv(const PhantomOptions&, const Dataset& dataset) {
  const bool patients = !dataset.samples.front().patient.empty();
  WrittenSet set;
  std::string text = patients ? "image,label,patient\n" : "image,label\n";
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    set.images.push_back(fmt::format("images/{:05}.png", i));
    text += set.images.back() + "," + sample.label + (patients ? "," + sample.patient : "") + "\n";
  }
  set.texts.emplace_back("labels.csv", text);
  return set;
}

/// The download mixes RGB and RGBA copies of grey pictures.
Image as_downloaded(const Image& grey, std::size_t i) {
  const int channels = i % 3 == 0 ? 4 : 3;
  Image out(grey.height(), grey.width(), channels, grey.bits());
  for (std::size_t k = 0; k < out.size(); ++k)
    out.set(k, k % channels == 3 ? out.max_value() : grey.value(k / channels));
  return out;
}

WrittenSet plan_head_ct_hemorrhage(const PhantomOptions&, const Dataset& dataset) {
  WrittenSet set;
  std::string text = "id, hemorrhage\n";  // the space is the publisher's
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    set.images.push_back(fmt::format("head_ct/{:03}.png", i));
    text += fmt::format("{},{}\n", i, dataset.samples[i].class_index);
  }
  set.texts.emplace_back("labels.csv", text);
  set.stored = as_downloaded;
  return set;
}

}  // namespace

const WrittenLayout& written_layout(const std::string& name, const std::string& kind) {
  static const std::array layouts{
      WrittenLayout{"folders", "", plan_folders},
      WrittenLayout{"labels.csv", "", plan_labels_csv},
      WrittenLayout{"head-ct-hemorrhage", "head-ct", plan_head_ct_hemorrhage},
      WrittenLayout{"rsna", "head-ct", plan_rsna},
      WrittenLayout{"chest-xray-pneumonia", "chest-xray", plan_chest_xray_pneumonia},
      WrittenLayout{"messidor-2", "fundus", plan_messidor_2},
      WrittenLayout{"aptos", "fundus", plan_aptos},
      WrittenLayout{"eyepacs", "fundus", plan_eyepacs},
      WrittenLayout{"idrid", "fundus", plan_idrid}};
  std::vector<std::string> fitting;
  for (const WrittenLayout& layout : layouts) {
    const bool fits = layout.kind.empty() || layout.kind == kind;
    if (fits && name == layout.name) return layout;
    if (fits) fitting.push_back(layout.name);
  }
  throw SettingError(fmt::format("layout '{}' does not fit phantom:{}{}choose one of {}", name,
                                 kind, did_you_mean(name, fitting), joined(fitting, ", ")));
}

}  // namespace ganymede::phantom
