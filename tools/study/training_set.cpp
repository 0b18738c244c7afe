#include <ganymede/tools/study/training_set.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <ganymede/data/copies.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/settings.h>

#include <ganymede/tools/study/balance.h>

namespace ganymede::study {
namespace {

/// Images of the arm, one after the other, each as itself or as its copies.
class Collector {
 public:
  Collector(const Context& c, const Unit& unit, const Arm& arm)
      : c_(c), seed_(unit.seed), copies_(arm.classic && augments_by_copies(c.recipe)) {
    if (copies_) options_ = copy_options(c.recipe);
  }

  void add(const Image& image, int label, int count, const std::string& path) {
    if (copies_)
      for (Image& copy : classic_copies(image, count, options_, seed_, path))
        put(std::move(copy), label);
    else
      put(image, label);
  }
  void add_real(int sample, int label) {
    add(c_.data.images.image(sample), label, all_copies,
        "copies/" + c_.data.dataset.samples[std::size_t(sample)].path);
  }
  /// A real once more, with as many copies as a fake would have.
  void add_again(int sample, int label) {
    add(c_.data.images.image(sample), label, fake_copies(),
        "copies/" + c_.data.dataset.samples[std::size_t(sample)].path);
  }
  void add_fakes(const Synthesis& fakes, const Unit& unit, const Arm& arm) {
    int i = 0;
    for (const Image& image : fakes.images_for(arm))
      add(image, fakes.of_class, fake_copies(),
          fmt::format("copies/{}/fake/{}/{}", unit.name, c_.class_name(fakes.of_class), i++));
  }

  bool empty() const { return images_.empty(); }
  ResidentSet set() const { return {.images = resident(c_.data, images_), .labels = labels_}; }

 private:
  int fake_copies() const { return static_cast<int>(c_.recipe.integer("classic.fake_copies")); }
  void put(Image image, int label) {
    images_.push_back(std::move(image));
    labels_.push_back(label);
  }

  const Context& c_;
  std::uint64_t seed_;
  bool copies_;
  CopyOptions options_;
  std::vector<Image> images_;
  std::vector<std::int32_t> labels_;
};

/// As many reals of a class, over again, as fakes are wanted of it.
std::vector<int> repeated_reals(const Context& c, const Unit& unit, int of_class,
                                std::vector<int> reals) {
  HostRng(unit.seed, "oversample/" + c.class_name(of_class)).shuffle(std::span(reals));
  const std::size_t more = std::size_t(wanted_fakes(c, unit.fold)[std::size_t(of_class)]);
  std::vector<int> repeated;
  for (std::size_t i = 0; i < more; ++i) repeated.push_back(reals[i % reals.size()]);
  return repeated;
}

}  // namespace

bool augments_by_copies(const Recipe& recipe) { return recipe.text("classic.mode") == "copies"; }

ResidentSet training_set(const Context& c, const Unit& unit, const Arm& arm,
                         const std::vector<Synthesis>& fakes) {
  Collector collector(c, unit, arm);
  for (int k = 0; k < c.data.classes(); ++k) {
    const std::vector<int> reals = c.data.samples(unit.fold, Part::train, k);
    if (arm.reals)
      for (int i : reals) collector.add_real(i, k);
    if (arm.fakes) collector.add_fakes(fakes[std::size_t(k)], unit, arm);
    if (!arm.repeat_reals) continue;
    for (int i : repeated_reals(c, unit, k, reals)) collector.add_again(i, k);
  }
  if (collector.empty())
    throw DataError("arm '" + arm.name +
                    "' has no training image; it needs select.per_real above 0");
  return collector.set();
}

int training_steps(const Context& c) {
  const double epochs = c.recipe.number("classifier.epochs");
  const ClassifierOptions options = classifier_options(c.recipe);
  if (epochs == 0) return options.steps;
  std::size_t reals = 0;
  for (int fold = 0; fold < c.folds; ++fold)
    reals = std::max(reals, c.data.samples(fold, Part::train).size());
  const double images = double(reals) * (augments_by_copies(c.recipe) ? all_copies : 1);
  const double steps = std::ceil(epochs * images / options.batch);
  if (steps > std::numeric_limits<int>::max())
    throw SettingError(
        fmt::format("classifier.epochs = {} makes {} steps: too many", epochs, steps));
  return static_cast<int>(steps);
}

}  // namespace ganymede::study
