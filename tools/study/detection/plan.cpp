#include <ganymede/tools/study/detection/plan.h>

#include <algorithm>
#include <cmath>

#include <ganymede/models/pixels.h>
#include <ganymede/models/search_space.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/detection/augmentation.h>
#include <ganymede/tools/study/detection/detector.h>
#include <ganymede/tools/study/memory_estimate.h>

namespace ganymede::study {
namespace {

/// Seconds of one update of z for one image; the first search warms up.
double seconds_of_update(const Context& c, Gan& gan) {
  LatentSearchOptions o = search_options(c.recipe);
  o.steps = 2;
  o.restarts = 1;
  std::vector<int> some = c.data.samples(0, Part::train, learnt_class(c.data, c.recipe));
  some.resize(std::min(some.size(), std::size_t(o.batch)));
  const Tensor queries = gather_images(resident(c.data, some).images, {});
  LatentSearch search(search_space(gan, ""), o, 0, "plan");
  search.run(queries);
  return seconds_of([&] { search.run(queries); }) / double(o.steps * o.batch);
}

/// Training images of an arm's detector.
std::int64_t images_of(const Context& c, const Arm& arm) {
  const int learnt = learnt_class(c.data, c.recipe);
  const auto reals = std::int64_t(c.data.samples(0, Part::train, learnt).size());
  const std::int64_t more = wanted_fakes(c, 0)[std::size_t(learnt)];
  const std::int64_t fakes = arm.by_detector ? reals : arm.fakes || arm.repeat_reals ? more : 0;
  return (arm.reals ? reals : 0) + fakes;
}

}  // namespace

void plan_detectors(const Context& c, WorkEstimate& plan) {
  const auto pool = std::make_shared<Pool>(current_stream().device());
  const PoolScope here(pool);  // given back when the plan is made
  Gan detector(detector_options(c.recipe, c.data.channels), 0, "plan");
  const double step = seconds_of_step(detector), update = seconds_of_update(c, detector);
  const double units = double(c.units().size()), batch = detector.options().batch;
  const auto tested = double(c.data.samples(0, Part::test).size());
  const LatentSearchOptions ask = search_options(c.recipe),
                            make = augmentation_search_options(c.recipe);
  double augmented = 0, iterations = 0;
  for (const Arm& arm : c.arms)
    iterations += std::ceil(c.recipe.number("detect.epochs") * double(images_of(c, arm)) / batch);
  for (const Augmenter by : {Augmenter::gan, Augmenter::anogan})
    if (wants(c.arms, by)) augmented += double(augmentation_inputs(c, by).size());
  plan.detectors = std::int64_t(units) * std::ssize(c.arms);
  plan.detector_iterations = std::int64_t(units * iterations);
  plan.searches = std::int64_t(units * (double(c.arms.size()) * tested + augmented));
  plan.seconds += units * (iterations * step +
                           update * (double(c.arms.size()) * tested * ask.steps * ask.restarts +
                                     augmented * make.steps * make.restarts));
  add_gan_sizes(detector, plan.detectors, memory_of(detector, *pool).peak(), plan);
}

}  // namespace ganymede::study
