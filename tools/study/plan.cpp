#include <ganymede/tools/study/plan.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <ganymede/models/gan_training.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/detection_plan.h>
#include <ganymede/tools/study/detector.h>
#include <ganymede/tools/study/gan_jobs.h>
#include <ganymede/tools/study/selector.h>
#include <ganymede/tools/study/training_set.h>

namespace ganymede::study {
namespace {

/// Bytes of a network's parameters with both Adam moments, and of its weights alone.
struct Weight {
  double training, file;
};
Weight weight_of(Module& module) {
  const Counts counts = count_parameters(module);
  return {16.0 * double(counts.trainable) + 4.0 * double(counts.fixed),
          4.0 * double(counts.trainable + counts.fixed)};
}

Tensor noise_batch(const GanOptions& options) {
  const GanNetworkOptions& n = options.network;
  return Rng(0, "plan").uniform({options.batch, n.size, n.size, n.channels}, -1.0f, 1.0f);
}

void plan_gans(const Context& c, Plan& plan) {
  if (!any_fakes(c.arms)) return;
  Gan gan(gan_options(c.recipe, c.data.channels), 0, "plan");
  const double both = seconds_of_step(gan);
  const Tensor batch = noise_batch(gan.options());
  gan.train_discriminator(batch);
  const double alone = seconds_of([&] { gan.train_discriminator(batch), gan.losses(); });
  const double n_critic = c.recipe.number("gan.n_critic");
  const double each = (both + (n_critic - 1) * alone) / n_critic;
  for (const Unit& unit : c.units())
    for (const GanJob& job : gan_jobs(c, unit.fold)) {
      ++plan.gans;
      plan.gan_iterations += std::int64_t(
          std::ceil(c.recipe.number("gan.epochs") *
                    double(training_samples(c, unit.fold, job).size()) / gan.options().batch));
    }
  plan.seconds += each * double(plan.gan_iterations);
  add_gan_sizes(gan, plan.gans, plan);
}

/// Seconds of a training step, and of looking at one image.
struct Pace {
  double step, image;
};

Pace pace_of(const Context& c, Classifier& network) {
  const ResidentSet few = resident(c.data, {0, 1});
  const auto seconds_for = [&](int steps) {
    ClassifierOptions o = classifier_options(c.recipe);
    o.steps = o.evaluate_every = steps;
    return seconds_of([&] {
      train_classifier(
          network, few, few, o, [](const auto&, const auto&) { return 0.0; }, 0, "plan");
    });
  };
  seconds_for(1);  // memory, oneDNN's code
  const double one = seconds_for(1), two = seconds_for(2);
  std::vector<int> some = c.data.samples(0, Part::validation);
  some.resize(std::min<std::size_t>(some.size(), 16));
  const ResidentSet set = resident(c.data, some);
  const int input = classifier_options(c.recipe).input;
  const double look = seconds_of([&] { predict(network, set.images, input); });
  return {std::max(two - one, one / 4), look / double(some.size())};
}

/// Seconds of one training with its looks at the validation part, and at the test part for a curve.
double seconds_of_training(const Context& c, const Pace& pace, std::int64_t steps) {
  const double looks = double(steps) / double(classifier_options(c.recipe).evaluate_every);
  const std::size_t images =
      c.data.samples(0, Part::validation).size() +
      (c.recipe.flag("study.curves") ? c.data.samples(0, Part::test).size() : 0);
  return pace.step * double(steps) + pace.image * looks * double(images);
}

void plan_classifiers(const Context& c, Plan& plan) {
  const int trials = int(c.recipe.numbers("classic.strengths").size());
  const std::int64_t steps = training_steps(c);
  for (const std::string& name : c.recipe.texts("classifier.networks")) {
    const auto network =
        make_classifier(c.recipe, name, c.data.channels, c.data.classes(), Rng(0, "plan"));
    const std::int64_t trained = std::int64_t(c.units().size() * c.arms.size()) * trials;
    plan.classifiers += trained;
    plan.classifier_steps += trained * steps;
    plan.seconds += seconds_of_training(c, pace_of(c, *network), steps) * double(trained);
    const Weight w = weight_of(*network);
    plan.memory_bytes = std::max(plan.memory_bytes, w.training);
    plan.disk_bytes += double(c.units().size() * c.arms.size()) * w.file;
  }
}

void plan_selector(const Context& c, Plan& plan) {
  if (!any_fakes(c.arms) || !needs_selector(c.recipe)) return;
  const auto network = make_classifier(c.recipe, c.recipe.text("select.network"), c.data.channels,
                                       c.data.classes(), Rng(0, "plan"));
  const std::int64_t trained = std::int64_t(c.units().size()) * c.recipe.integer("select.folds");
  const double steps = c.recipe.number("select.steps");
  plan.seconds += pace_of(c, *network).step * steps * double(trained);
  plan.disk_bytes += double(trained) * weight_of(*network).file;
}

std::string counts_of(const Context& c, Part part) {
  std::string text;
  for (int k = 0; k < c.data.classes(); ++k)
    text +=
        fmt::format("{}{} {}", k ? ", " : "", c.data.samples(0, part, k).size(), c.class_name(k));
  return fmt::format("{} ({})", c.data.samples(0, part).size(), text);
}

/// What is asked of the classes, behind the number of images.
std::string question_of(const Context& c) {
  if (is_detection(c.recipe))
    return ", detectors learn " + c.class_name(learnt_class(c.data, c.recipe));
  return c.data.classes() == 2 ? ", positive class " + c.class_name(c.data.positive) : "";
}

std::string work_text(const Plan& p) {
  const std::string gans = fmt::format("{} GANs ({} iterations), ", p.gans, p.gan_iterations);
  return gans + (p.detectors
                     ? fmt::format("{} detectors ({} iterations), {} latent searches", p.detectors,
                                   p.detector_iterations, p.searches)
                     : fmt::format("{} classifiers ({} steps)", p.classifiers, p.classifier_steps));
}

}  // namespace

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double seconds_of_step(Gan& gan) {
  const Tensor batch = noise_batch(gan.options());
  gan.step(batch), gan.losses();
  return seconds_of([&] { gan.step(batch), gan.losses(); });
}

/// A checkpoint holds weights and moments, and its predecessor is kept; weight files stand beside
/// it.
void add_gan_sizes(Gan& gan, std::int64_t gans, Plan& plan) {
  const Weight g = weight_of(gan.generator()), d = weight_of(gan.discriminator());
  plan.memory_bytes = std::max(plan.memory_bytes, g.training + d.training);
  plan.disk_bytes += double(gans) * (2 * (g.training + d.training) + g.file + d.file);
}

Plan make_plan(const Context& c) {
  Plan plan;
  plan_gans(c, plan);
  if (is_detection(c.recipe)) {
    plan_detectors(c, plan);
    return plan;
  }
  plan_selector(c, plan);
  plan_classifiers(c, plan);
  return plan;
}

std::string plan_text(const Context& c, const Plan& plan, const std::vector<RecipeChange>& quick) {
  std::string text =
      fmt::format("data        {} ({}), {} images{}\n", c.data.dataset.root, c.data.dataset.layout,
                  c.data.dataset.samples.size(), question_of(c));
  for (Part part : c.data.splits[0].parts())
    text += fmt::format("{:<12}{}\n", name_of(part), counts_of(c, part));
  for (const std::string& line : describe(c.data.dataset, c.data.duplicates))
    text += fmt::format("            {}\n", line);
  for (const std::string& line : c.data.splits[0].straddling)
    text += fmt::format("            {}\n", line);
  for (const std::string& note : c.data.dataset.notes)
    text += fmt::format("note        {}\n", note);
  std::string arms;
  for (const Arm& arm : c.arms) arms += (arms.empty() ? "" : ", ") + arm.name;
  text += fmt::format("arms        {}; {} seeds{}\n", arms, c.seeds,
                      c.folds > 1 ? fmt::format(", {} folds", c.folds) : "");
  if (any_fakes(c.arms))
    text += fmt::format("balance     training reals + fakes: {}\n", balance_text(c));
  text += fmt::format("work        {}\n", work_text(plan));
  text += fmt::format(
      "needs       about {}, {:.1f} GB of memory beside the images, {:.1f} GB of disk\n",
      duration_text(plan.seconds), plan.memory_bytes / 1e9, plan.disk_bytes / 1e9);
  if (!quick.empty()) {
    text += "quick       changes\n";
    for (const RecipeChange& change : quick)
      text += fmt::format("            {}: {} -> {}\n", change.key, change.before, change.after);
  }
  return text;
}

}  // namespace ganymede::study
