#include <ganymede/tools/score/measures.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/models/classifier_scores.h>
#include <ganymede/models/image_audit.h>
#include <ganymede/models/quality/diversity.h>
#include <ganymede/models/quality/frechet_device.h>
#include <ganymede/models/quality/inception_score.h>
#include <ganymede/models/quality/set_scores.h>
#include <ganymede/models/quality/set_size.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/tools/report/run_json.h>

namespace ganymede::score {
namespace {

quality::Features on_host(const Tensor& rows) {
  return {rows.host(), int(rows.shape()[0]), int(rows.shape()[1])};
}

/// Where the features lie on a GPU and are enough for a distance, it is computed there.
std::optional<quality::DeviceFrechet> distance_on_gpu(const Tensor& real, const Tensor& fake) {
  const auto count = [](const Tensor& rows) { return int(rows.shape()[0]); };
  if (real.device().kind == DeviceKind::cpu ||
      !quality::too_few_for_distance(count(real), count(fake)).empty())
    return std::nullopt;
  return quality::frechet_distance(real, fake);
}

/// What the generator learnt from is not there: the audit was against reals that it has not seen.
std::string sentence_against_reals(const quality::Audit& audit) {
  if (audit.verdict == quality::MemorisationVerdict::copies)
    return fmt::format(
        "COPIES: {} of {} fakes are near-identical to one of the reals (distance at most {:.4f}, a "
        "quarter of what is usual between reals).",
        audit.near_identical_count, audit.fakes.size(), audit.near_identity_limit);
  return fmt::format(
      "NO SIGN of copies: none of {} fakes is near-identical to one of the reals. Copies of what "
      "the generator learnt from would show against those images only (--train).",
      audit.fakes.size());
}

Json frechet_json(const quality::FrechetEstimate& f) {
  return {{"value", f.distance},
          {"low", f.interval.low},
          {"high", f.interval.high},
          {"extrapolated", f.extrapolated},
          {"extrapolated_low", f.extrapolated_interval.low},
          {"extrapolated_high", f.extrapolated_interval.high},
          {"bias", f.fewer_than_dims() ? Json(f.bias) : Json(nullptr)},
          {"in_words", f.in_words()}};
}

Json kid_json(const quality::Kid& k) {
  return {{"value", k.mean},
          {"sd", k.sd},
          {"standard_error", k.standard_error},
          {"subsets", k.subsets},
          {"subset_size", k.subset_size}};
}

/// Nobody held out: an empty set of the same extents.
quality::ImageSet none_like(const quality::ImageSet& set) {
  return {{}, 0, set.height, set.width, set.channels};
}

}  // namespace

Json feature_measures(FeatureExtractor& extractor, const ImageFolder& real, const ImageFolder& fake,
                      std::uint64_t seed) {
  const FeatureInfo& info = extractor.info();
  const Tensor real_rows = extractor.features_on_device(real.resident()),
               fake_rows = extractor.features_on_device(fake.resident());
  const auto on_gpu = distance_on_gpu(real_rows, fake_rows);
  quality::SetScoreOptions options{.frechet = {.seed = seed}};
  if (on_gpu) options.frechet.distance = on_gpu->distance;
  const quality::SetScores s =
      quality::set_scores(on_host(real_rows), on_host(fake_rows), info.name, info.resize,
                          real.groups, fake.groups, options);
  Json record{{"name", info.name},     {"dims", info.dims},
              {"resize", info.resize}, {"distance_name", distance_name(info)},
              {"real", real.count()},  {"fake", fake.count()}};
  record["frechet"] = s.frechet ? frechet_json(*s.frechet) : Json{{"reason", s.refusal}};
  if (on_gpu)
    record["frechet"]["gpu"] = {
        {"steps", on_gpu->steps},
        {"refusal", on_gpu->refusal.empty() ? Json(nullptr) : Json(on_gpu->refusal)}};
  record["kid"] = s.kid ? kid_json(*s.kid) : Json{{"reason", s.refusal}};
  if (const auto& m = s.manifold)
    record["precision_recall"] = {
        {"precision", m->precision}, {"recall", m->recall}, {"neighbours", m->neighbours}};
  if (const auto& d = s.density)
    record["density_coverage"] = {
        {"density", d->density}, {"coverage", d->coverage}, {"neighbours", d->neighbours}};
  return record;
}

Json diversity_measures(const ImageFolder& real, const ImageFolder& fake, std::uint64_t seed) {
  const auto both = [&](auto measure) -> Json {
    if (real.count() < 2 || fake.count() < 2) return nullptr;
    return {{"real", measure(real.set())}, {"fake", measure(fake.set())}};
  };
  constexpr int window = 11;
  const bool seen = std::min(real.stack.height, real.stack.width) >= window;
  Json record{{"l1", both([](const auto& set) { return quality::mean_pairwise_l1(set); })},
              {"ssim", nullptr},
              {"ms_ssim", nullptr}};
  if (!seen) return record;
  record["ssim"] =
      both([&](const auto& set) { return quality::mean_pairwise_ssim(set, 1.0, 2000, seed).mean; });
  int scales = 0;
  record["ms_ssim"] = both([&](const auto& set) {
    const quality::PairwiseSimilarity s = quality::mean_pairwise_ms_ssim(set, 1.0, 2000, seed);
    scales = s.scales;
    return s.mean;
  });
  if (!record["ms_ssim"].is_null()) record["ms_ssim"]["scales"] = scales;
  return record;
}

Json classifier_score(const std::string& file, const ImageFolder& real, const ImageFolder& fake) {
  const SavedClassifier saved = load_classifier(file);
  if (saved.channels != real.stack.channels)
    throw SettingError(
        fmt::format("--classifier {}: it takes {} channels, the images have {}; "
                    "say how to read them with --channels {}",
                    file, saved.channels, real.stack.channels, saved.channels));
  const int input = int(saved.recipe.integer("classifier.input"));
  const auto score = [&](const ImageFolder& folder) {
    const int splits = std::min(10, folder.count());
    const auto s = quality::inception_score(predict(*saved.network, folder.resident(), input),
                                            int(saved.classes.size()), splits);
    return Json{{"value", s.mean}, {"sd", s.sd}, {"splits", s.splits}};
  };
  return {{"classifier", file},
          {"classes", saved.classes.size()},
          {"real", score(real)},
          {"fake", score(fake)}};
}

Json memorisation_audit(const AuditSets& sets, FeatureExtractor& extractor,
                        std::vector<quality::NearestPair>& pairs) {
  if (!sets.held_out) {
    const quality::Audit audit =
        quality::audit_memorisation(sets.fake.set(), sets.train.set(), none_like(sets.fake.set()));
    pairs = quality::nearest_pairs(audit);
    Json record = report::audit_json(audit);
    record["sentence"] = sentence_against_reals(audit);
    return record;
  }
  const quality::TwoSpaceAudit audit =
      audit_images(extractor, sets.fake.set(), sets.train.set(), sets.held_out->set(),
                   sets.train.groups, sets.held_out->groups);
  pairs = quality::nearest_pairs(audit);
  return report::audit_json(audit, extractor.info().name);
}

}  // namespace ganymede::score
