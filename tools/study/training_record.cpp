#include <ganymede/tools/study/training_record.h>

#include <algorithm>

#include <ganymede/models/critic_report.h>
#include <ganymede/models/quality/discriminator_confidence.h>
#include <ganymede/models/quality/diversity.h>

#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

/// What a Wasserstein critic tells; for other losses their name alone.
Json objective_record(const Gan& gan, const GanHistory& history) {
  const GanLoss loss = gan.options().loss;
  const std::string text = training_warning(gan.options(), history);
  const Json warning = text.empty() ? Json(nullptr) : Json(text);
  if (loss == GanLoss::bce) return {{"objective", "bce"}, {"critic", warning}};
  if (loss == GanLoss::least_squares) return {{"objective", "least_squares"}, {"critic", warning}};
  const std::vector<float> estimate = history.wasserstein();
  return {{"objective", "wasserstein"},
          {"wasserstein", estimate},
          {"wasserstein_smoothed", smoothed(estimate)},
          {"critic", warning}};
}

/// Paper 004's measure of the last epochs; none where D gives no probability.
Json confidence_record(GanTraining& training) {
  const GanHistory& h = training.history();
  const GanOptions& o = training.gan().options();
  const bool unbounded = o.loss == GanLoss::least_squares && !o.sigmoid;
  if (o.loss == GanLoss::wasserstein || unbounded || h.iteration.empty()) return nullptr;
  const auto last =
      quality::discriminator_confidence(h.iteration, h.score_fake, training.epochs_done());
  return {{"mean_fake", last.mean_fake},
          {"sd", last.sd},
          {"epochs", last.epochs},
          {"entries", last.entries}};
}

double diversity(const std::vector<Image>& images) {
  const std::vector<Image> some(images.begin(),
                                images.begin() + std::min<std::ptrdiff_t>(64, std::ssize(images)));
  const std::vector<float> values = to_values(some);
  return quality::mean_pairwise_l1(
      {values, int(some.size()), some[0].height(), some[0].width(), some[0].channels()});
}

}  // namespace

Json training_record(GanTraining& training, const nlohmann::json& speed) {
  Gan& gan = training.gan();
  const GanHistory& h = training.history();
  Json record{{"iterations", training.done()},
              {"generator_updates", training.generator_updates()},
              {"epochs", training.epochs_done()},
              {"images_per_second", speed},
              {"parameters",
               {{"generator", count_parameters(gan.generator()).trainable},
                {"discriminator", count_parameters(gan.discriminator()).trainable}}},
              {"losses",
               {{"iteration", h.iteration},
                {"generator", h.generator},
                {"discriminator", h.discriminator}}},
              {"scores", {{"real", h.score_real}, {"fake", h.score_fake}}}};
  record.update(objective_record(gan, h));
  if (Json confidence = confidence_record(training); !confidence.is_null())
    record["discriminator_confidence"] = confidence;
  return record;
}

Json diversity_record(const std::vector<Image>& fakes, const std::vector<Image>& reals) {
  if (fakes.size() < 2 || reals.size() < 2) return nullptr;
  return {{"fakes", diversity(fakes)}, {"reals", diversity(reals)}};
}

}  // namespace ganymede::study
