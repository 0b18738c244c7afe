#include <ganymede/tools/study/detection/augmentation_inputs.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/tools/amounts.h>

namespace ganymede::study {
namespace {

void add_samples(const Context& c, const std::vector<int>& samples, std::vector<NamedImage>& to) {
  for (int i : samples) {
    const Sample& sample = c.data.dataset.samples[std::size_t(i)];
    to.push_back({sample.path, sample.label, c.data.images.image(i)});
  }
}

/// Of each image found the path of the test image that it copies, or nothing: what a split of both
/// sets would have kept together. Labels and patients of two sets are not the same by their names.
std::vector<std::string> tested_originals(const Dataset& found, const Prepared& data) {
  Dataset both = data.dataset;
  both.samples.insert(both.samples.end(), found.samples.begin(), found.samples.end());
  for (Sample& sample : both.samples) sample.label = sample.patient = "";
  std::vector<Fingerprint> prints = fingerprints(data.dataset);
  std::ranges::move(fingerprints(found), std::back_inserter(prints));
  const std::vector<int> groups = group_samples(both, find_duplicates(both, prints));
  std::map<int, std::string> original;  // of a group with test images: the first
  for (int i : data.samples(0, Part::test))
    original.emplace(groups[std::size_t(i)], both.samples[std::size_t(i)].path);
  std::vector<std::string> originals;
  for (std::size_t i = data.dataset.samples.size(); i < groups.size(); ++i)
    originals.push_back(original[groups[i]]);
  return originals;
}

}  // namespace

std::string to_string(Augmenter by) { return by == Augmenter::gan ? "gan" : "anogan"; }

bool wants(const std::vector<Arm>& arms, Augmenter by) {
  return std::ranges::any_of(arms, [&](const Arm& arm) {
    return arm.fakes && arm.by_detector == (by == Augmenter::anogan);
  });
}

std::vector<NamedImage> augmentation_inputs(const Context& c, Augmenter by) {
  std::vector<NamedImage> inputs;
  add_samples(c, c.data.samples(0, Part::train, learnt_class(c.data, c.recipe)), inputs);
  if (by == Augmenter::anogan) return inputs;
  add_samples(c, c.data.samples(0, Part::rest), inputs);
  inputs.insert(inputs.end(), c.inputs.begin(), c.inputs.end());
  return inputs;
}

UnlabelledInputs unlabelled_inputs(const std::string& folder, const Recipe& recipe,
                                   Prepared& data) {
  if (folder.empty()) return {};
  if (!is_detection(recipe))
    throw SettingError(
        "--inputs: images to augment from are for studies with data.split = \"detection\"");
  const Prepared found =
      prepare_images({.path = folder, .groups = "", .split = "", .unused = Unused::ignore}, recipe);
  UnlabelledInputs inputs{.images = {}, .setting = fingerprint_setting(found)};
  inputs.setting.name = "inputs";
  const std::vector<std::string> originals = tested_originals(found.dataset, data);
  for (std::size_t i = 0; i < originals.size(); ++i) {
    // Not file_of: the name of a DICOM file may be secret.
    const std::string path =
        (std::filesystem::path(found.dataset.root) / found.dataset.samples[i].path).string();
    if (originals[i].empty())
      inputs.images.push_back({path, "", to_bits(found.images.image(int(i)), data.bits)});
    else
      data.dataset.skipped.push_back({path, "a copy of the test image " + originals[i]});
  }
  if (const std::size_t left_out = originals.size() - inputs.images.size(); left_out > 0)
    data.dataset.notes.push_back(
        fmt::format("left out of --inputs, as copies of test images: {} of {}", left_out,
                    counted(std::ssize(originals), "image")));
  return inputs;
}

}  // namespace ganymede::study
