#include <ganymede/tools/study/selector.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <ganymede/models/quality/classification.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/models/settings.h>

#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/report/run_json.h>

namespace ganymede::study {
namespace {

/// The settings of [classifier], with some stops on the way at which Ctrl-C is heard. Each class is
/// drawn equally often: who never says a rare class rejects all fakes of it.
ClassifierOptions options_of(const Recipe& recipe) {
  ClassifierOptions o = classifier_options(recipe);
  o.balanced_sampling = true;
  o.freeze_base = false;  // these networks start from nothing
  o.steps = static_cast<int>(recipe.integer("select.steps"));
  o.evaluate_every = std::max(1, o.steps / 10);
  return o;
}

std::unique_ptr<Classifier> fitted(const Context& c, const Unit& unit,
                                   const std::vector<int>& fold_of, int fold) {
  const std::string name = c.recipe.text("select.network");
  const std::string place = fmt::format("selector/{}-{}-without{}", name, unit.name, fold);
  const std::string file = c.folder->file(place + ".h5");
  if (c.folder->has(place + ".h5")) return load_classifier(file).network;
  std::vector<int> seen, left_out;
  for (int i : c.data.samples(unit.fold, Part::train))
    (fold_of[std::size_t(i)] == fold ? left_out : seen).push_back(i);
  SavedClassifier saved{.network = make_classifier(c.recipe, name, c.data.channels,
                                                   c.data.classes(), Rng(unit.seed, place)),
                        .recipe = c.recipe,
                        .classes = c.data.dataset.classes,
                        .channels = c.data.channels,
                        .positive = c.data.positive};
  ClassifierOptions options = options_of(c.recipe);
  const std::string title = fmt::format("{}, selecting {} {}", unit.name, name, fold + 1);
  const Stoppable stoppable;
  Progress progress(title, options.steps, options.batch);
  options.on_progress = [&](int step) {
    if (interrupt_requested())
      throw Interrupted(title + " stopped; the same command begins it anew");
    progress.step(step);
  };
  // The last weights count, whatever the left-out fold says: nothing is chosen by it.
  const auto latest = [n = 0](const auto&, const auto&) mutable { return double(n++); };
  train_classifier(*saved.network, resident(c.data, seen), resident(c.data, left_out), options,
                   latest, unit.seed, place);
  save_classifier(saved, name, file);
  return std::move(saved.network);
}

std::vector<int> most_likely(const std::vector<float>& probabilities, int classes) {
  return quality::argmax_rows(std::vector<double>(probabilities.begin(), probabilities.end()),
                              classes);
}

}  // namespace

bool needs_selector(const Recipe& recipe) {
  const std::vector<std::string>& by = recipe.texts("select.by");
  return recipe.text("gan.labels") == "classifier" ||
         std::ranges::find(by, "classifier") != by.end();
}

Selector::Selector(const Context& c, const Unit& unit)
    : context_(c), confusion_(std::size_t(c.data.classes() * c.data.classes())) {
  const std::vector<int> train = c.data.samples(unit.fold, Part::train);
  const int folds = static_cast<int>(c.recipe.integer("select.folds"));
  const std::vector<int> fold_of =
      folds_within(c.data.dataset, c.data.groups, train, folds, unit.seed);
  const int input = static_cast<int>(c.recipe.integer("classifier.input")),
            classes = c.data.classes();
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<int> left_out = train;
    std::erase_if(left_out, [&](int i) { return fold_of[std::size_t(i)] != fold; });
    if (left_out.empty()) continue;  // more folds than patients
    networks_.push_back(fitted(c, unit, fold_of, fold));
    const ResidentSet set = resident(c.data, left_out);
    const std::vector<int> seen =
        most_likely(predict(*networks_.back(), set.images, input), classes);
    for (std::size_t i = 0; i < seen.size(); ++i)
      ++confusion_[std::size_t(set.labels[i] * classes + seen[i])];
  }
}

std::vector<float> Selector::probabilities(const std::vector<Image>& images) const {
  const Tensor batch = resident(context_.data, images);
  const int input = static_cast<int>(context_.recipe.integer("classifier.input"));
  std::vector<float> mean(images.size() * std::size_t(context_.data.classes()));
  for (const auto& network : networks_) {
    const std::vector<float> p = predict(*network, batch, input);
    for (std::size_t i = 0; i < p.size(); ++i) mean[i] += p[i] / float(networks_.size());
  }
  return mean;
}

std::string Selector::text() const {
  const nlohmann::ordered_json r = record();
  std::string text = fmt::format(
      "selector    {} networks {}, out of fold on {} training images: accuracy {:.3f} (always the "
      "largest class: {:.3f}), kappa {:.3f}\n            true class: seen as {}\n",
      r["folds"].get<int>(), r["network"].get<std::string>(), r["images"].get<int>(),
      r["accuracy"].get<double>(), r["majority"].get<double>(), r["kappa"].get<double>(),
      fmt::join(context_.data.dataset.classes, ", "));
  for (int k = 0; k < context_.data.classes(); ++k)
    text += fmt::format("            {:>10}: {}\n", context_.class_name(k),
                        fmt::join(r["confusion"][std::size_t(k)].get<std::vector<int>>(), ", "));
  return text;
}

nlohmann::ordered_json Selector::record() const {
  const int classes = context_.data.classes();
  const quality::Confusion confusion{classes, confusion_};
  std::int64_t majority = 0;
  for (int k = 0; k < classes; ++k) majority = std::max(majority, confusion.of_class(k));
  return {{"network", context_.recipe.text("select.network")},
          {"folds", networks_.size()},
          {"images", confusion.total()},
          {"accuracy", quality::accuracy(confusion)},
          {"kappa", quality::quadratic_kappa(confusion)},
          {"majority", double(majority) / double(std::max<std::int64_t>(1, confusion.total()))},
          {"confusion", report::confusion_json(confusion_, classes)},
          {"classes", context_.data.dataset.classes}};
}

}  // namespace ganymede::study
