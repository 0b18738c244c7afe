#include <ganymede/tools/verbs/score.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/fakes_window.h>
#include <ganymede/tools/recipe_options.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/run_log.h>
#include <ganymede/tools/score/measures.h>
#include <ganymede/tools/score/table.h>
#include <ganymede/tools/study/pictures.h>

namespace ganymede {
namespace {

namespace fs = std::filesystem;
using score::ImageFolder;
using score::Json;

struct Options {
  std::string real, fake, train, classifier, window, out;
  DeviceOptions device;
  std::vector<std::string> features;
  std::int64_t size = 0, channels = 0, seed = 0;
  bool json = false;
};

void require_valid(const Options& o) {
  if (!o.train.empty() && fs::weakly_canonical(o.train) == fs::weakly_canonical(o.real))
    throw SettingError(
        "score: --real and --train are one folder; what the generator learnt from cannot be held "
        "out, leave --train away or name other reals");
  if (o.size < 0 || o.size > 4096) throw SettingError("score: --size lies outside 0 to 4096");
  if (o.channels != 0 && o.channels != 1 && o.channels != 3)
    throw SettingError("score: --channels is 0 (as stored), 1 or 3");
  if (!o.out.empty()) require_new_folder("score", o.out);
}

Json about(const ImageFolder& folder) {
  return {{"path", folder.path},
          {"images", folder.count()},
          {"size", {folder.stack.height, folder.stack.width}},
          {"channels", folder.stack.channels}};
}

/// Each fake of the closest pairs above its training image.
Image pairs_picture(const std::vector<quality::NearestPair>& pairs, const ImageFolder& fake,
                    const ImageFolder& train) {
  std::vector<Image> above, below;
  for (const quality::NearestPair& pair : pairs) {
    above.push_back(to_bits(fake.stack.image(pair.fake), 8));
    below.push_back(to_bits(train.stack.image(pair.training.index), 8));
  }
  constexpr int columns = 10;
  return study::enlarged(report::paired_grid(above, below, columns), 480);
}

void write_run(const Options& o, Json run, const std::vector<quality::NearestPair>& pairs,
               const ImageFolder& fake, const ImageFolder& train) {
  make_folder(o.out + "/pictures");
  if (!pairs.empty()) write_png(o.out + "/pictures/nearest.png", pairs_picture(pairs, fake, train));
  write_file(o.out + "/run.json", text_of(run));
  report::write_report(o.out);
  fmt::print("{}/report.html\n", o.out);
}

using Extractors = std::vector<std::shared_ptr<FeatureExtractor>>;

/// All of them before anything is measured: a misspelt file is not to cost an hour.
Extractors extractors_of(const std::vector<std::string>& features, const Shape& image) {
  Extractors extractors;
  for (const std::string& words : features) extractors.push_back(feature_extractor(words, image));
  return extractors;
}

/// The audit's second space: the first network asked for, else gradients.
std::shared_ptr<FeatureExtractor> judge_of(const std::vector<std::string>& features,
                                           const Extractors& extractors, const Shape& image) {
  const auto is_network = [](const std::string& w) { return w.find(".h5") != std::string::npos; };
  const auto found = std::ranges::find_if(features, is_network);
  if (found == features.end()) return gradient_features(image);
  return extractors[std::size_t(found - features.begin())];
}

int measure(const Options& o) {
  const score::ImageForm form{
      .size = int(o.size), .channels = int(o.channels), .window = o.window, .fakes = o.fake};
  score::ImageForm of_patients = form;
  of_patients.patients = true;
  const ImageFolder real = score::open_images(o.real, of_patients),
                    fake = score::open_images(o.fake, form);
  require_comparable(real, fake);
  const bool learnt = !o.train.empty();
  const ImageFolder train = learnt ? score::open_images(o.train, of_patients) : ImageFolder{};
  if (learnt) require_same_form(train, fake);
  const bool windowed =
      has_dicom(real.dataset) || has_dicom(fake.dataset) || (learnt && has_dicom(train.dataset));
  if (!o.window.empty() && !windowed) refuse_window(o.window, "these folders");
  const Shape image{real.stack.height, real.stack.width, real.stack.channels};
  const Extractors extractors = extractors_of(o.features, image);
  const Json of_classifier =
      o.classifier.empty() ? Json() : score::classifier_score(o.classifier, real, fake);
  const auto seed = std::uint64_t(o.seed);
  Json run{{"verb", "score"}, {"real", about(real)}, {"fake", about(fake)}};
  if (learnt) run["train"] = about(train);
  if (windowed) {
    const FakesWindow window = fakes_window(o.window, o.fake);
    run["window"] = {{"name", window.window}, {"run", window.run}};
  }
  Json& scores = run["scores"];
  for (const auto& extractor : extractors)
    scores["features"].push_back(score::feature_measures(*extractor, real, fake, seed));
  scores["diversity"] = score::diversity_measures(real, fake, seed);
  if (!of_classifier.is_null()) scores["classifier"] = of_classifier;
  std::vector<quality::NearestPair> pairs;
  const ImageFolder& copied = learnt ? train : real;
  if (copied.count() >= 2) {
    scores["audited_against"] = copied.path;
    run["audit"]["fakes"] = score::memorisation_audit(
        {fake, copied, learnt ? &real : nullptr}, *judge_of(o.features, extractors, image), pairs);
  }
  if (!o.out.empty()) write_run(o, run, pairs, fake, copied);
  fmt::print("{}", o.json ? run.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                          : score::table_text(run));
  return 0;
}

}  // namespace

void add_score(CommandLine& program) {
  CommandLine& verb = program.verb(
      "score", "Generated images beside real ones: distances, coverage, diversity, memorisation",
      "ganymede score --real ~/held-out --fake runs/first/synthetic/hemorrhage/seed0 "
      "--train ~/training --features inception.h5 --out scores");
  auto o = std::make_shared<Options>();
  verb.required("--real", o->real, "real images that the generator has not learnt from");
  verb.required("--fake", o->fake, "generated images");
  verb.option("--train", o->train,
              "what the generator learnt from, for the memorisation audit (without: the reals)");
  verb.option(
      "--features", o->features,
      "pixels, pixels:SIDE, gradients, or a network's FILE.h5[:DIMS]; may be repeated (pixels:32)");
  verb.option("--classifier", o->classifier, "a classifier of ours for an Inception-like score");
  verb.option("--size", o->size, "bring all images to this side (0: they have one size)");
  verb.option("--channels", o->channels, "read all images with 1 or 3 channels (0: as stored)");
  verb.option("--window", o->window,
              "of DICOM images, as data --window (without: that of the run whose folder the fakes "
              "lie in, else brain)");
  verb.option("--seed", o->seed, "of bootstraps and subsets");
  verb.option("--out", o->out, "a new folder for run.json, the report and the nearest pairs");
  verb.flag("--json", o->json, "print JSON");
  o->device.declare(verb);
  verb.action([o] {
    require_valid(*o);
    if (o->features.empty()) o->features = {"pixels:32"};
    return on_device(o->device, [&] { return measure(*o); });
  });
}

}  // namespace ganymede
