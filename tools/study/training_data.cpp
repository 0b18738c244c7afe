#include <ganymede/tools/study/training_data.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/join.h>

namespace ganymede::study {

namespace {

TrainingData chosen(const Prepared& data, const std::vector<int>& samples) {
  TrainingData result{
      .set = resident(data, samples), .some = {}, .data = data.dataset.root, .digest = data.digest};
  for (std::size_t i = 0; i < samples.size() && i < 64; ++i)
    result.some.push_back(
        data.images.image(samples[i * samples.size() / std::min<std::size_t>(64, samples.size())]));
  return result;
}

int class_index(const Prepared& data, const std::string& of_class) {
  const auto it = std::ranges::find(data.dataset.classes, of_class);
  if (it == data.dataset.classes.end())
    throw SettingError(fmt::format("--class {}: the data has the classes {}", of_class,
                                   quality::join(data.dataset.classes, ", ")));
  return static_cast<int>(it - data.dataset.classes.begin());
}

/// The validation part of one class, or of all (-1) with their numbers.
HeldOut held_out(const Prepared& data, int of_class) {
  const std::vector<int> samples = data.samples(0, Part::validation, of_class);
  HeldOut result{.images = data.images_of(samples), .labels = {}};
  for (int i : samples)
    result.labels.push_back(of_class < 0 ? data.dataset.samples[std::size_t(i)].class_index : 0);
  return result;
}

}  // namespace

TrainingData prepare_training(const DataSource& source, const Recipe& recipe,
                              const std::string& of_class) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
  const bool conditional = of_class.empty() && recipe.text("gan.labels") == "conditional";
  if (of_class.empty() && !conditional) {
    const Prepared data = prepare_images(source, recipe);
    std::vector<int> all(data.dataset.samples.size());
    std::iota(all.begin(), all.end(), 0);
    return chosen(data, all);
  }
  const Prepared data = prepare_data(source, recipe, 1, seed, conditional ? 2 : 1);
  const int wanted = conditional ? -1 : class_index(data, of_class);
  TrainingData result = chosen(data, data.samples(0, Part::train, wanted));
  if (conditional) result.classes = data.dataset.classes;
  result.held_out = held_out(data, wanted);
  return result;
}

}  // namespace ganymede::study
