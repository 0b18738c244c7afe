#include <ganymede/tools/study/training_data.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/tools/amounts.h>

namespace ganymede::study {

namespace {

TrainingData chosen(const Prepared& data, const std::vector<int>& samples) {
  if (samples.size() < 2)
    throw DataError(fmt::format(
        "{}: {} to learn from, a GAN wants at least 2; mend: more images, or other data.fractions",
        data.dataset.root, counted(std::ssize(samples), "image")));
  TrainingData result{.set = resident(data, samples),
                      .some = {},
                      .data = data.dataset.root,
                      .fingerprint = fingerprint_setting(data)};
  for (std::size_t i = 0; i < samples.size() && i < 64; ++i)
    result.some.push_back(
        data.images.image(samples[i * samples.size() / std::min<std::size_t>(64, samples.size())]));
  return result;
}

bool is_labelled(const Prepared& data) {
  return std::ranges::all_of(data.dataset.samples,
                             [](const Sample& s) { return s.class_index >= 0; });
}

/// The validation part of one class, or of all (-1), which the GAN may be told.
HeldOut held_out(const Prepared& data, int of_class, bool told) {
  const std::vector<int> samples = data.samples(0, Part::validation, of_class);
  HeldOut result{.images = data.images_of(samples), .labels = {}};
  for (int i : samples)
    result.labels.push_back(told ? data.dataset.samples[std::size_t(i)].class_index : 0);
  return result;
}

/// All there are: without labels there is no split, and nothing is held out.
TrainingData unlabelled(const Prepared& data) {
  std::vector<int> all(data.dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  return chosen(data, all);
}

}  // namespace

TrainingData prepare_training(const DataSource& source, const Recipe& recipe,
                              const std::string& of_class) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
  const bool conditional = of_class.empty() && recipe.text("gan.labels") == "conditional";
  Prepared data = prepare_images(source, recipe);
  if (of_class.empty() && !conditional && !is_labelled(data)) return unlabelled(data);
  split_data(data, source, recipe, 1, seed, conditional ? 2 : 1);
  const int wanted = of_class.empty() ? -1 : class_named(data.dataset, "--class", of_class);
  TrainingData result = chosen(data, data.samples(0, Part::train, wanted));
  if (conditional) result.classes = data.dataset.classes;
  result.held_out = held_out(data, wanted, conditional);
  result.split = true;
  return result;
}

}  // namespace ganymede::study
