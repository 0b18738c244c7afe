#include <ganymede/tools/study/detection/turned.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/tools/study/detection/detector.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

/// Scored images with the patients that they come from.
struct Side {
  std::vector<double> scores;
  std::vector<int> groups;
};

Json contest(const Recipe& recipe, const Side& positives, const Side& others) {
  Tested both;
  DetectorScores scores{.name = "", .seeds = {{.scores = {}, .predicted = {}}}};
  const auto add = [&](const Side& side, int label) {
    std::vector<double>& all = scores.seeds[0].scores;
    all.insert(all.end(), side.scores.begin(), side.scores.end());
    both.truth.labels.insert(both.truth.labels.end(), side.scores.size(), label);
    both.truth.groups.insert(both.truth.groups.end(), side.groups.begin(), side.groups.end());
  };
  add(positives, 1);
  add(others, 0);
  return {{"auc", auc_record(auc_of(both, scores, recipe))},
          {"roc", roc_record(both.truth.labels, scores)}};
}

/// Scores sets of images by the first seed's detector of reals.
class Scorer {
 public:
  Scorer(const Context& c, Detector& detector) : c_(c), finder_(detector.finder()) {}

  Side operator()(const std::string& name, const std::vector<Image>& images,
                  const std::vector<int>& samples) const {
    const Found found =
        find_images(*c_.folder, "search/turned/" + name,
                    fmt::format("{}, {}", c_.units().front().name, name), finder_, c_.data, images);
    return {found.scores(), c_.data.groups_of(samples)};
  }

 private:
  const Context& c_;
  Finder finder_;
};

std::vector<Image> part_of(const std::vector<Image>& images, std::size_t first, std::size_t count) {
  return {images.begin() + std::ptrdiff_t(first), images.begin() + std::ptrdiff_t(first + count)};
}

/// The other class by its name where there is one, else together.
std::string others_name(const Context& c, int learnt) {
  return c.data.classes() == 2 ? c.class_name(1 - learnt) : "other classes";
}

}  // namespace

Json turned_record(const Context& c, const Tested& tested, Detector& detector,
                   const Synthesis& fakes) {
  const std::vector<int> train = c.data.samples(0, Part::train, tested.learnt),
                         rest = c.data.samples(0, Part::rest);
  if (rest.empty()) return nullptr;
  const std::vector<int> some(train.begin(),
                              train.begin() + std::ptrdiff_t(std::min(train.size(), rest.size())));
  std::vector<int> real;  // of the learnt class, in the test part
  for (std::size_t i = 0; i < tested.samples.size(); ++i)
    if (tested.truth.labels[i] == 0) real.push_back(tested.samples[i]);
  const Scorer score(c, detector);
  // The inputs were the training images first, then what is left of the other classes.
  const Side turned = score("turned", part_of(fakes.images, train.size(), rest.size()), rest),
             made = score("made", part_of(fakes.images, 0, some.size()), some),
             others = score("others", c.data.images_of(rest), rest),
             learnt = score("learnt", c.data.images_of(real), real);
  const std::string other = others_name(c, tested.learnt), own = c.class_name(tested.learnt);
  Json record;
  const auto add = [&](const std::string& from, const std::string& against, const Side& generated,
                       const Side& reals, bool reals_positive) {
    Json one =
        reals_positive ? contest(c.recipe, reals, generated) : contest(c.recipe, generated, reals);
    one["generated"] = generated.scores.size();
    one["real"] = reals.scores.size();
    one["positive"] = reals_positive ? "real " + against : "generated from " + from;
    record[fmt::format("generated from {} against real {}", from, against)] = one;
  };
  add(other, other, turned, others, true);
  add(other, own, turned, learnt, false);
  add(own, own, made, learnt, false);
  return record;
}

}  // namespace ganymede::study
