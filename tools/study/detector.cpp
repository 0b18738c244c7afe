#include <ganymede/tools/study/detector.h>

#include <ganymede/models/quality/pca_residual.h>
#include <ganymede/models/search_space.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {

int learnt_class(const Prepared& data, const Recipe& recipe) {
  return class_named(data.dataset, "detect.train_class", recipe.text("detect.train_class"));
}

std::unique_ptr<GanTraining> train_detector(const RunFolder& folder, const Recipe& recipe,
                                            int channels, const DetectorJob& job,
                                            std::uint64_t seed) {
  GanSchedule schedule = detector_schedule(recipe);
  if (job.classic) schedule.classic = classic_options(recipe, 1.0f);
  auto training = std::make_unique<GanTraining>(detector_options(recipe, channels), schedule,
                                                job.images, seed, "detector");
  run_training(*training, recipe, folder, job.where, job.title,
               {.recipe = recipe.toml(), .detector = true});
  return training;
}

Found score_images(const RunFolder& folder, const std::string& where, const std::string& title,
                   const Recipe& recipe, Gan& detector, std::uint64_t seed, const Prepared& data,
                   const std::vector<Image>& images) {
  return search_images(folder, {where, "detect", title},
                       search_space(detector, recipe.text("detect.layer")), search_options(recipe),
                       seed, data, images);
}

std::vector<double> baseline_scores(const Prepared& data, const Recipe& recipe,
                                    const std::vector<int>& learnt,
                                    const std::vector<int>& samples) {
  const std::vector<float> train = to_values(data.images_of(learnt)),
                           test = to_values(data.images_of(samples));
  const quality::PcaResidual plane(image_set(data, train),
                                   int(recipe.integer("detect.components")));
  return plane(image_set(data, test));
}

}  // namespace ganymede::study
