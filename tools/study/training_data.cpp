#include <ganymede/tools/study/training_data.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/join.h>

namespace ganymede::study {

TrainingData prepare_training(const DataSource& source, const Recipe& recipe,
                              const std::string& of_class) {
  const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
  if (of_class.empty()) {
    const Prepared data = prepare_images(source, recipe);
    std::vector<int> all(data.dataset.samples.size());
    std::iota(all.begin(), all.end(), 0);
    return {resident(data, all).images, data.digest};
  }
  const Prepared data = prepare_data(source, recipe, 1, seed, 1);
  const auto it = std::ranges::find(data.dataset.classes, of_class);
  if (it == data.dataset.classes.end())
    throw SettingError(fmt::format("--class {}: the data has the classes {}", of_class,
                                   quality::join(data.dataset.classes, ", ")));
  const int k = static_cast<int>(it - data.dataset.classes.begin());
  return {resident(data, data.samples(0, Part::train, k)).images, data.digest};
}

}  // namespace ganymede::study
