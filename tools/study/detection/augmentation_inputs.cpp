#include <ganymede/tools/study/detection/augmentation_inputs.h>

#include <algorithm>

namespace ganymede::study {
namespace {

void add_samples(const Context& c, const std::vector<int>& samples, std::vector<NamedImage>& to) {
  for (int i : samples) {
    const Sample& sample = c.data.dataset.samples[std::size_t(i)];
    to.push_back({sample.path, sample.label, c.data.images.image(i)});
  }
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

}  // namespace ganymede::study
