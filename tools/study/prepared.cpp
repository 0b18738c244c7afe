#include <ganymede/tools/study/prepared.h>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <ganymede/data/detection_split.h>
#include <ganymede/kernels/error.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/study/recipe_fit.h>

namespace ganymede::study {
namespace {

LoadOptions chain_of(const Recipe& recipe, const Dataset& dataset) {
  LoadOptions o;
  const auto columns = static_cast<int>(recipe.integer("data.columns"));
  o.height = static_cast<int>(recipe.integer("data.size"));
  o.width = columns > 0 ? columns : o.height;
  o.channels = static_cast<int>(recipe.integer("data.channels"));
  // A set with a single 16-bit image is read as 16 bits throughout: nothing is thrown away.
  o.bits = std::ranges::any_of(dataset.samples, [](const Sample& s) { return s.header.bits == 16; })
               ? 16
               : 8;
  o.pad_to_square = recipe.flag("data.pad_square");
  if (o.pad_to_square && o.width != o.height)
    throw SettingError(
        "data.columns: images that are not square would be squeezed after data.pad_square; set "
        "data.pad_square = false");
  o.resize = resize_mode(recipe.text("data.resize"));
  return o;
}

SplitFractions fractions_in(const Recipe& recipe) {
  const std::vector<double>& f = recipe.numbers("data.fractions");
  if (f.size() != 3)
    throw SettingError("data.fractions: expects three shares, training, validation, test");
  return {f[0], f[1], f[2]};
}

/// One own split, or none of the other ways to get parts.
void require_alone(const std::vector<double>& counts, bool published, int folds) {
  if (counts.empty()) return;
  if (folds > 1)
    throw SettingError(
        "data.counts gives one test part, --folds makes others; choose one (--set "
        "data.counts=none where a recipe sets it)");
  if (published)
    throw SettingError(
        "data.counts makes parts of its own, --split and data.split = published bring theirs; "
        "choose one (--set data.counts=none where a recipe sets it)");
}

std::vector<Split> folds_of(Prepared& p, int folds, std::uint64_t seed,
                            const SplitFractions& fractions, Stratify mode) {
  p.fold = stratified_folds(p.dataset, p.groups, folds, seed, mode);
  std::vector<Split> splits;
  for (int i = 0; i < folds; ++i)
    splits.push_back(fold_split(p.dataset, p.groups, p.fold, i, seed, fractions, mode));
  return splits;
}

Split detection_of(const Prepared& p, const Recipe& recipe, std::uint64_t seed) {
  return detection_split(p.dataset, p.groups, seed, learnt_class(p, recipe),
                         recipe.numbers("data.counts"), fractions_in(recipe),
                         stratify_mode(recipe.text("data.stratify")));
}

void note_small_validation(Dataset& dataset, int fewest) {
  const auto n = std::ranges::count(dataset.samples, std::string("validation"), &Sample::split);
  if (n > 0 && n < fewest)
    dataset.notes.push_back("the published validation part of " + std::to_string(n) +
                            " images joined the training part, from which a larger one was taken "
                            "(data.fewest_validation = " +
                            std::to_string(fewest) + ")");
}

/// A split that was given knows nothing of detectors: the others in its parts are not learned.
void keep_to_one_class(Prepared& p, const Recipe& recipe, Split& split) {
  const int learnt = learnt_class(p, recipe);
  const int moved = set_strangers_apart(p.dataset, learnt, split);
  if (moved > 0)
    p.dataset.notes.push_back(fmt::format(
        "set apart (rest), as a detector learns '{}' alone (detect.train_class): {} of other "
        "classes in the given split's training and validation part",
        p.dataset.classes[std::size_t(learnt)], counted(moved, "image")));
}

std::vector<Split> splits_of(Prepared& p, const Recipe& recipe, int folds, std::uint64_t seed,
                             bool given) {
  const SplitFractions fractions = fractions_in(recipe);
  const Stratify mode = stratify_mode(recipe.text("data.stratify"));
  const std::vector<double>& counts = recipe.numbers("data.counts");
  const bool published = given || recipe.text("data.split") == "published";
  const bool detection = !given && is_detection(recipe);
  require_alone(counts, published, folds);
  if (detection && folds > 1)
    throw SettingError("data.split = detection gives one test part, --folds makes others");
  if (folds > 1) {
    if (given) throw SettingError("--split gives one test part, --folds makes others; choose one");
    return folds_of(p, folds, seed, fractions, mode);
  }
  if (published) {
    // A validation part that was given by hand is taken as it is.
    const int fewest = given ? 1 : static_cast<int>(recipe.integer("data.fewest_validation"));
    Split split = published_split(p.dataset, p.groups, seed, fractions, mode, fewest);
    if (is_detection(recipe)) keep_to_one_class(p, recipe, split);
    note_small_validation(p.dataset, fewest);
    p.dataset.notes.push_back("the split that the images came with is kept: " +
                              straddling_in_words(split.straddling));
    return {split};
  }
  if (const std::string parts = published_in_words(p.dataset); !parts.empty())
    p.dataset.notes.push_back("the data comes with a split (" + parts +
                              "), which is not used; data.split = published keeps it");
  if (detection) return {detection_of(p, recipe, seed)};
  if (!counts.empty()) return {counted_split(p.dataset, p.groups, seed, counts, mode)};
  return {stratified_split(p.dataset, p.groups, seed, fractions, mode)};
}

}  // namespace

std::vector<int> Prepared::samples(int fold_index, Part part, int of_class) const {
  std::vector<int> chosen = splits.at(std::size_t(fold_index)).indices(part);
  if (of_class >= 0)
    std::erase_if(chosen,
                  [&](int i) { return dataset.samples[std::size_t(i)].class_index != of_class; });
  return chosen;
}

std::vector<Image> Prepared::images_of(const std::vector<int>& samples) const {
  std::vector<Image> chosen;
  for (int i : samples) chosen.push_back(images.image(i));
  return chosen;
}

std::vector<int> Prepared::groups_of(const std::vector<int>& samples) const {
  std::vector<int> chosen;
  for (int i : samples) chosen.push_back(groups[std::size_t(i)]);
  return chosen;
}

quality::ImageSet image_set(const Prepared& data, const std::vector<float>& values) {
  const int size = data.size * data.columns * data.channels;
  return {values, int(values.size()) / size, data.size, data.columns, data.channels};
}

namespace {

/// Pictures of 10 or 12 bits in files of 16 are read as nearly black.
void note_dark_range(Prepared& p) {
  if (p.bits != 16) return;
  const unsigned brightest = *std::ranges::max_element(p.images.words);
  if (brightest >= 1u << 13) return;
  p.dataset.notes.push_back(
      "the brightest value of these 16-bit images is " + std::to_string(brightest) +
      " of 65535, so they are nearly black to every network; scale the files to the full range (12 "
      "bits: times 16)");
}

}  // namespace

Prepared prepare_images(const DataSource& source, const Recipe& recipe) {
  Prepared p;
  p.dataset = open_dataset(
      source.path, {source.skip_broken ? Broken::skip : Broken::refuse, recipe.text("data.window"),
                    recipe.text("data.label_set"), source.unused});
  if (!source.groups.empty()) apply_groups(p.dataset, source.groups);
  if (!source.split.empty()) apply_split(p.dataset, source.split);
  const auto prints = fingerprints(p.dataset);
  p.duplicates = find_duplicates(p.dataset, prints);
  p.digest = digest(p.dataset, prints);
  if (recipe.text("data.duplicates") == "drop")
    p.duplicates = drop_exact_duplicates(p.dataset, p.duplicates);
  p.groups = group_samples(p.dataset, p.duplicates);
  std::vector<int> all(p.dataset.samples.size());
  std::iota(all.begin(), all.end(), 0);
  p.images = load_images(p.dataset, all, chain_of(recipe, p.dataset));
  p.size = p.images.height;
  p.columns = p.images.width;
  p.channels = p.images.channels;
  p.bits = p.images.bits;
  note_dark_range(p);
  return p;
}

Prepared prepare_data(const DataSource& source, const Recipe& recipe, int folds, std::uint64_t seed,
                      int least_classes) {
  Prepared p = prepare_images(source, recipe);
  split_data(p, source, recipe, folds, seed, least_classes);
  return p;
}

void split_data(Prepared& p, const DataSource& source, const Recipe& recipe, int folds,
                std::uint64_t seed, int least_classes) {
  if (least_classes > 1) require_two_classes(p.dataset, "classifying");
  require_fit(p.dataset, recipe, folds > 1 || !source.split.empty(), false);
  p.positive = positive_class(p.dataset, recipe.text("data.positive"));
  p.splits = splits_of(p, recipe, folds, seed, !source.split.empty());
}

RunSetting fingerprint_setting(const Prepared& data) {
  const std::size_t images = data.dataset.samples.size();
  return {"data", data.digest,
          fmt::format("{} image{} of {}", images, images == 1 ? "" : "s", data.dataset.root)};
}

bool is_detection(const Recipe& recipe) { return recipe.text("data.split") == "detection"; }

int learnt_class(const Prepared& data, const Recipe& recipe) {
  return class_named(data.dataset, "detect.train_class", recipe.text("detect.train_class"));
}

ResidentSet resident(const Prepared& data, const std::vector<int>& samples) {
  std::vector<Image> images;
  ResidentSet set;
  for (int i : samples) {
    images.push_back(data.images.image(i));
    set.labels.push_back(data.dataset.samples[std::size_t(i)].class_index);
  }
  set.images = resident(data, images);
  return set;
}

Tensor resident(const Prepared& data, const std::vector<Image>& images) {
  const Shape shape{std::int64_t(images.size()), data.size, data.columns, data.channels};
  if (data.bits == 16) {
    std::vector<std::uint16_t> words;
    for (const Image& image : images)
      words.insert(words.end(), image.words().begin(), image.words().end());
    return Tensor::from(words, shape);
  }
  std::vector<std::uint8_t> bytes;
  for (const Image& image : images)
    bytes.insert(bytes.end(), image.bytes().begin(), image.bytes().end());
  return Tensor::from(bytes, shape);
}

}  // namespace ganymede::study
