#include <ganymede/tools/study/plan.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <ganymede/models/gan_training.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/amounts.h>
#include <ganymede/tools/progress.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/detection/plan.h>
#include <ganymede/tools/study/gan_jobs.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/memory_estimate.h>
#include <ganymede/tools/study/selector.h>
#include <ganymede/tools/study/tested_classes.h>
#include <ganymede/tools/study/training_set.h>

namespace ganymede::study {
namespace {

/// Classes of the GANs that are told one; 0 where none is.
int classes_told(const Context& c) {
  for (const Unit& unit : c.units())
    for (const GanJob& job : gan_jobs(c, unit.fold))
      if (job.conditional) return c.data.classes();
  return 0;
}

void plan_gans(const Context& c, WorkEstimate& plan) {
  if (!any_fakes(c.arms)) return;
  const GanOptions options = gan_options(c.recipe, c.data.channels, classes_told(c));
  const auto pool = std::make_shared<Pool>(current_stream().device());
  const PoolScope here(pool);  // given back when the plan is made
  Gan gan(options, 0, "plan");
  run_once(gan);
  const double both = seconds_of_step(gan);
  const double alone = seconds_of_discriminator_step(gan);
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
  add_gan_sizes(gan, plan.gans, gans_at_once(c) * memory_of(gan, *pool).peak(), plan);
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
  // On CUDA a training's first step runs eagerly, the second is recorded, later ones are replays.
  const int few_steps = current_stream().device().kind == DeviceKind::cuda ? 2 : 1;
  seconds_for(few_steps);  // memory, oneDNN's code
  const double fewer = seconds_for(few_steps), one_more = seconds_for(few_steps + 1);
  std::vector<int> some = c.data.samples(0, Part::validation);
  some.resize(std::min<std::size_t>(some.size(), 16));
  const ResidentSet set = resident(c.data, some);
  const int input = classifier_options(c.recipe).input;
  const double look = seconds_of([&] { predict(network, set.images, input); });
  return {std::max(one_more - fewer, fewer / (4 * few_steps)), look / double(some.size())};
}

/// Seconds of one training with its looks at the validation part, and at the test part for a curve.
double seconds_of_training(const Context& c, const Pace& pace, std::int64_t steps) {
  const double looks = double(steps) / double(classifier_options(c.recipe).evaluate_every);
  const std::size_t images =
      c.data.samples(0, Part::validation).size() +
      (c.recipe.flag("study.curves") ? c.data.samples(0, Part::test).size() : 0);
  return pace.step * double(steps) + pace.image * looks * double(images);
}

void plan_classifiers(const Context& c, WorkEstimate& plan) {
  const int trials = int(c.recipe.numbers("classic.strengths").size());
  const std::int64_t steps = training_steps(c);
  for (const std::string& name : c.recipe.texts("classifier.networks")) {
    const auto network =
        make_classifier(c.recipe, name, c.data.channels, c.data.classes(), Rng(0, "plan"));
    const std::int64_t trained = std::int64_t(c.units().size() * c.arms.size()) * trials;
    plan.classifiers += trained;
    plan.classifier_steps += trained * steps;
    plan.seconds += seconds_of_training(c, pace_of(c, *network), steps) * double(trained);
    const NetworkBytes w = bytes_of(*network);
    plan.memory_bytes = std::max(plan.memory_bytes, w.training);
    plan.disk_bytes += double(c.units().size() * c.arms.size()) * w.file;
  }
}

void plan_selector(const Context& c, WorkEstimate& plan) {
  if (!any_fakes(c.arms) || !needs_selector(c.recipe)) return;
  const auto network = make_classifier(c.recipe, c.recipe.text("select.network"), c.data.channels,
                                       c.data.classes(), Rng(0, "plan"));
  const std::int64_t trained = std::int64_t(c.units().size()) * c.recipe.integer("select.folds");
  const double steps = c.recipe.number("select.steps");
  plan.seconds += pace_of(c, *network).step * steps * double(trained);
  plan.disk_bytes += double(trained) * bytes_of(*network).file;
}

std::string counts_of(const Context& c, Part part) {
  std::string text;
  for (int k = 0; k < c.data.classes(); ++k)
    text +=
        fmt::format("{}{} {}", k ? ", " : "", c.data.samples(0, part, k).size(), c.class_name(k));
  return fmt::format("{} ({}){}", c.data.samples(0, part).size(), text,
                     c.folds > 1 ? " in the first fold" : "");
}

/// What is asked of the classes, behind the number of images.
std::string question_of(const Context& c) {
  if (is_detection(c.recipe))
    return ", detectors learn " + c.class_name(learnt_class(c.data, c.recipe));
  return c.data.classes() == 2 ? ", positive class " + c.class_name(c.data.positive) : "";
}

/// One file for all: a folder can hold hundreds that are no images.
std::string skipped_text(const std::vector<Skipped>& skipped) {
  return fmt::format("{}, {}'{}': {} (run.json and `ganymede data` list all)",
                     counted(std::ssize(skipped), "file"), skipped.size() == 1 ? "" : "for one ",
                     skipped[0].path, skipped[0].reason);
}

std::string work_text(const WorkEstimate& p) {
  const auto with = [](std::int64_t count, const char* thing, std::int64_t times,
                       const char* step) {
    return fmt::format("{} ({})", counted(count, thing), counted(times, step));
  };
  const std::string gans =
      p.gans ? with(p.gans, "GAN", p.gan_iterations, "iteration") + ", " : std::string();
  if (!p.detectors) return gans + with(p.classifiers, "classifier", p.classifier_steps, "step");
  return fmt::format("{}{}, {} latent search{}", gans,
                     with(p.detectors, "detector", p.detector_iterations, "iteration"), p.searches,
                     p.searches == 1 ? "" : "es");
}

}  // namespace

WorkEstimate make_plan(const Context& c) {
  WorkEstimate plan;
  plan_gans(c, plan);
  if (is_detection(c.recipe)) {
    plan_detectors(c, plan);
    return plan;
  }
  plan_selector(c, plan);
  plan_classifiers(c, plan);
  return plan;
}

std::string plan_text(const Context& c, const WorkEstimate& plan,
                      const std::vector<RecipeChange>& quick) {
  std::string text =
      fmt::format("data        {} ({}), {}{}\n", c.data.dataset.root, c.data.dataset.layout,
                  counted(std::ssize(c.data.dataset.samples), "image"), question_of(c));
  for (Part part : c.data.splits[0].parts())
    text += fmt::format("{:<12}{}\n", name_of(part), counts_of(c, part));
  for (const std::string& line : describe(c.data.dataset, c.data.duplicates))
    text += fmt::format("            {}\n", line);
  for (const std::string& line : c.data.splits[0].straddling)
    text += fmt::format("            {}\n", line);
  if (!c.data.dataset.skipped.empty())
    text += fmt::format("skipped     {}\n", skipped_text(c.data.dataset.skipped));
  for (const std::string& note : c.data.dataset.notes)
    text += fmt::format("note        {}\n", note);
  std::string arms;
  for (const Arm& arm : c.arms) arms += (arms.empty() ? "" : ", ") + arm.name;
  text += fmt::format("arms        {}; {}{}\n", arms, counted(c.seeds, "seed"),
                      c.folds > 1 ? fmt::format(", {} folds", c.folds) : "");
  if (any_fakes(c.arms))
    text += fmt::format("balance     training reals + fakes{}: {}\n",
                        c.folds > 1 ? " of the first fold" : "", balance_text(c));
  if (const std::string why = no_question_because(c); !why.empty())
    text += fmt::format("verdict     {}\n", why);
  if (const std::string why = no_verdict_because(c); !why.empty())
    text += fmt::format("verdict     NO EVIDENCE, whatever the numbers: {}\n", why);
  text += fmt::format("work        {}\n", work_text(plan));
  text += fmt::format("needs       about {}, {} of memory beside the images, {} of disk\n",
                      duration_text(plan.seconds), size_text(plan.memory_bytes),
                      size_text(plan.disk_bytes));
  if (!quick.empty()) {
    text += "quick       changes\n";
    for (const RecipeChange& change : quick)
      text += fmt::format("            {}: {} -> {}\n", change.key, change.before, change.after);
  }
  return text;
}

}  // namespace ganymede::study
