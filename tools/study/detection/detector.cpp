#include <ganymede/tools/study/detection/detector.h>

#include <filesystem>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/pca_residual.h>
#include <ganymede/models/search_space.h>
#include <ganymede/models/settings.h>
#include <ganymede/tools/study/detection/encoder_unit.h>
#include <ganymede/tools/study/gan_run.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

bool by_encoder(const Recipe& recipe) { return recipe.text("detect.search") == "encoder"; }

Finder finder_of(SearchSpace space, LatentEncoder* encoder, const Recipe& recipe,
                 std::uint64_t seed) {
  if (!encoder) return search_finder(std::move(space), search_options(recipe), seed, "detect");
  return {[encoder](const Tensor& queries, std::int64_t, const LatentSearch::Progress&) {
            return encoder->run(queries);
          },
          encoder->options().at_once, 1};
}

}  // namespace

Detector::Detector(const RunFolder& folder, const Recipe& recipe, int channels,
                   const DetectorJob& job, std::uint64_t seed)
    : recipe_(recipe), seed_(seed) {
  GanSchedule schedule = detector_schedule(recipe);
  if (job.classic) schedule.classic = classic_options(recipe, 1.0f);
  training_ = std::make_unique<GanTraining>(detector_options(recipe, channels), schedule,
                                            job.images, seed, "detector");
  GanRun run(*training_, recipe, folder, job.where, job.title,
             {.recipe = recipe.toml(), .detector = true});
  run_to_end(run);
  if (!by_encoder(recipe)) return;
  encoder_ = std::make_unique<EncoderTraining>(space(), encoder_options(recipe, channels),
                                               job.images, seed, "encoder");
  run_encoder_training(*encoder_, recipe, folder, "gan/" + job.where + "/encoder.h5",
                       job.title + ", encoder");
}

SearchSpace Detector::space() {
  return search_space(training_->gan(), recipe_.text("detect.layer"));
}

Finder Detector::finder() {
  return finder_of(space(), encoder_ ? &encoder_->encoder() : nullptr, recipe_, seed_);
}

LoadedDetector::LoadedDetector(const std::string& checkpoint)
    : folder_(std::filesystem::path(checkpoint).parent_path().string()),
      gan_(load_gan(checkpoint)) {}

Finder LoadedDetector::finder(const Recipe& recipe) {
  const auto seed = std::uint64_t(recipe.integer("study.seed"));
  SearchSpace space = search_space(*gan_.gan, recipe.text("detect.layer"));
  if (by_encoder(recipe)) {
    encoder_ = std::make_unique<LatentEncoder>(
        space, encoder_options(recipe, gan_.notes.options.network.channels), seed, "encoder");
    CheckpointReader((std::filesystem::path(folder_) / "encoder.h5").string())
        .load_network("encoder", encoder_->network());
  }
  return finder_of(std::move(space), encoder_.get(), recipe, seed);
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
