// What is said of a generator and its fakes: sizes, losses, distances, pictures.

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include <ganymede/models/quality/diversity.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/saved_classifier.h>

#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/run_record.h>

namespace ganymede::study {
namespace {

constexpr int fewest_for_frechet = 50;  // below it the distance is mostly its own bias

std::vector<Image> real_images(const Context& c, const std::vector<int>& samples) {
  std::vector<Image> images;
  for (int i : samples) images.push_back(c.data.images.image(i));
  return images;
}

quality::Features features_of(const Context& c, Classifier& classifier,
                              const std::vector<Image>& images) {
  const int input = static_cast<int>(c.recipe.integer("classifier.input"));
  const std::vector<float> values = extract_features(classifier, resident(c.data, images), input);
  return {values, static_cast<int>(images.size()), static_cast<int>(classifier.feature_count())};
}

/// Distance of fakes to training reals on the features of the first arm's classifier, beside that
/// of an untrained generator.
Json frechet_record(const Context& c, const Unit& unit, const Synthesis& synthesis,
                    const TestResults& test) {
  if (test.arms.empty()) return nullptr;
  const ArmResults& judge = test.arms.front();
  const auto reals = real_images(c, c.data.samples(unit.fold, Part::train, synthesis.of_class));
  const int n = std::min<int>(int(reals.size()), synthesis.kept_count());
  const std::string feature = judge.network + " of arm '" + judge.arm + "', before its last layer";
  if (n < fewest_for_frechet)
    return {{"fakes", nullptr},
            {"untrained", nullptr},
            {"feature", feature},
            {"reason", std::to_string(n) + " images a side; a distance wants 50"}};
  const std::vector<Unit> units = c.units();
  const auto at = std::ranges::find(units, unit.name, &Unit::name) - units.begin();
  const auto classifier =
      load_classifier(c.folder->file(judge.classifiers[std::size_t(at)].file)).network;
  const quality::Features real = features_of(c, *classifier, reals);
  const auto untrained = untrained_gan(c, unit, synthesis.of_class);
  Rng noise(unit.seed, "untrained");
  const auto distance = [&](const std::vector<Image>& images) {
    return quality::frechet_distance(features_of(c, *classifier, images), real);
  };
  return {{"fakes", distance(synthesis.kept())},
          {"untrained", distance(to_images(untrained->gan().sample(synthesis.kept_count(), noise),
                                           c.data.bits))},
          {"feature", feature},
          {"n", n},
          {"d", real.dims}};
}

double diversity(const Context& c, const std::vector<Image>& images) {
  const std::vector<Image> some(images.begin(),
                                images.begin() + std::min<std::ptrdiff_t>(64, std::ssize(images)));
  const std::vector<float> values = to_values(some);
  return quality::mean_pairwise_l1(
      {values, int(some.size()), c.data.size, c.data.size, c.data.channels});
}

/// At most `most` images as one picture, enlarged for a page.
std::string write_grid(const Context& c, const std::string& name, std::vector<Image> images,
                       int columns, std::size_t most) {
  if (images.empty()) return {};
  if (images.size() > most) images.resize(most);
  const std::string path = "pictures/" + name + ".png";
  write_png(c.folder->file(path),
            enlarged(image_grid(images, std::min<int>(columns, int(images.size()))), 480));
  return path;
}

}  // namespace

Json gan_record(const Context& c, const Unit& unit, GanTraining& training,
                const Synthesis& synthesis, const TestResults& test) {
  Gan& gan = training.gan();
  const GanHistory& h = training.history();
  Json record{
      {"iterations", training.done()},
      {"epochs", training.epochs_done()},
      {"images_per_second", logged_speed(*c.folder, gan_place(c, unit, synthesis.of_class))},
      {"parameters",
       {{"generator", count_parameters(gan.generator()).trainable},
        {"discriminator", count_parameters(gan.discriminator()).trainable}}},
      {"losses",
       {{"iteration", h.iteration},
        {"generator", h.generator},
        {"discriminator", h.discriminator}}},
      {"scores", {{"real", h.score_real}, {"fake", h.score_fake}}}};
  record["frechet"] = frechet_record(c, unit, synthesis, test);
  const auto reals = real_images(c, c.data.samples(unit.fold, Part::train, synthesis.of_class));
  if (synthesis.kept_count() >= 2 && reals.size() >= 2)
    record["diversity"] = {{"fakes", diversity(c, synthesis.kept())},
                           {"reals", diversity(c, reals)}};
  return record;
}

Json synthetic_record(const Context& c, const Unit& unit, const Synthesis& s) {
  const std::string name = c.class_folder(s.of_class);
  const std::vector<int> train = c.data.samples(unit.fold, Part::train, s.of_class);
  std::map<std::string, int> reasons;
  std::vector<Image> rejected, pairs_above, pairs_below;
  for (std::size_t i = 0; i < s.fakes.size(); ++i) {
    if (!s.fakes[i].kept) {
      ++reasons[s.fakes[i].reason];
      rejected.push_back(s.images[i]);
    } else if (pairs_above.size() < 24) {
      pairs_above.push_back(s.images[i]);
      pairs_below.push_back(c.data.images.image(train[std::size_t(s.audit.fakes[i].index)]));
    }
  }
  constexpr int columns = 12;
  const std::vector<Image> pairs =
      pairs_above.empty()
          ? std::vector<Image>{}
          : std::vector<Image>{report::paired_grid(pairs_above, pairs_below, columns)};
  Json record{{"made", s.fakes.size()},
              {"kept", s.kept_count()},
              {"rejected", int(s.fakes.size()) - s.kept_count()},
              {"reasons", reasons}};
  record["real"] = write_grid(c, name + "-real", real_images(c, train), 8, 64);
  record["grid"] = write_grid(c, name + "-fake", s.kept(), 8, 64);
  record["nearest"] = write_grid(c, name + "-nearest", pairs, 1, 1);
  record["rejected_grid"] = write_grid(c, name + "-rejected", rejected, columns, 2 * columns);
  for (const char* key : {"real", "grid", "nearest", "rejected_grid"})
    if (record[key] == "") record.erase(key);
  return record;
}

}  // namespace ganymede::study
