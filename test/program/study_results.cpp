// What a study makes of its classifiers' answers, beyond models/quality.

#include <cmath>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <ganymede/models/quality/splitmix.h>

#include <ganymede/kernels/error.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/recognition.h>
#include <ganymede/tools/study/results.h>
#include <ganymede/tools/study/run_record.h>

using namespace ganymede;

namespace {

double area_under(const std::vector<quality::RocPoint>& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i)
    area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
            (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
  return area;
}

/// Two seeds over two folds of 15 images each.
study::TestResults results_of(int classes) {
  study::TestResults test;
  test.truth.classes = classes;
  for (int i = 0; i < 30; ++i) {
    test.truth.labels.push_back(i % classes);
    test.truth.folds.push_back(i / 15);
  }
  quality::SplitMix64 random(5);
  study::ArmResults arm{.arm = "none", .network = "resnet18", .classifiers = {}, .seeds = {}};
  arm.seeds.resize(2);
  for (quality::Predictions& seed : arm.seeds)
    for (int i = 0; i < 30 * (classes == 2 ? 1 : classes); ++i)
      seed.scores.push_back(double(random.below(20)));
  test.arms.push_back(arm);
  return test;
}

/// Mean over the seeds.
double auc_of(const study::TestResults& test) {
  double sum = 0;
  for (const quality::Predictions& seed : test.arms[0].seeds)
    sum += quality::evaluate(quality::Metric::auc, test.truth, seed);
  return sum / double(test.arms[0].seeds.size());
}

}  // namespace

TEST_CASE("the area under the mean ROC curves is the reported AUC, macro for several classes") {
  const auto two = results_of(2);
  CHECK(area_under(mean_roc(two, two.arms[0], 1)) == Approx(auc_of(two)));
  const auto three = results_of(3);
  double sum = 0;
  for (int k = 0; k < 3; ++k) sum += area_under(mean_roc(three, three.arms[0], k));
  CHECK(sum / 3 == Approx(auc_of(three)));
}

namespace {

struct Grey {
  int fold, label, value;
};

/// Flat images in two folds; their grey tells the classes of the first fold apart, of the second
/// less well: AUC 1 of 8 images and 16 / 20 of 9.
study::Prepared grey_images() {
  const std::vector<Grey> all{{0, 0, 10}, {0, 0, 20}, {0, 0, 30}, {0, 0, 40}, {0, 1, 50},
                              {0, 1, 60}, {0, 1, 70}, {0, 1, 80}, {1, 0, 5},  {1, 0, 10},
                              {1, 0, 20}, {1, 0, 30}, {1, 0, 60}, {1, 1, 15}, {1, 1, 40},
                              {1, 1, 70}, {1, 1, 80}};
  study::Prepared p;
  p.dataset.classes = {"dark", "bright"};
  p.images.count = int(all.size());
  p.size = p.columns = p.images.height = p.images.width = 2;
  p.channels = p.images.channels = 1;
  p.splits.resize(2);
  for (const Grey& grey : all) {
    Sample sample;
    sample.path = std::to_string(p.dataset.samples.size()) + ".png";
    sample.class_index = grey.label;
    p.groups.push_back(int(p.dataset.samples.size()));
    p.dataset.samples.push_back(sample);
    p.images.bytes.insert(p.images.bytes.end(), 4, std::uint8_t(grey.value));
    p.fold.push_back(grey.fold);
    for (int fold : {0, 1})
      p.splits[std::size_t(fold)].part.push_back(grey.fold == fold ? Part::test : Part::train);
  }
  return p;
}

}  // namespace

TEST_CASE("with folds the floor's AUC is that of all folds, as its interval is") {
  const study::Prepared data = grey_images();
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  recipe.set("study.bootstrap=200");
  const study::Context c{nullptr, recipe, data, {}, 2, 1, 0};
  study::TestResults test;
  for (int fold : {0, 1})
    for (int i : data.samples(fold, Part::test)) test.samples.push_back(i);
  test.truth = study::test_samples(c, test.samples);
  const auto floor = study::floor_record(c, test);
  const double auc = floor.at("auc");
  CHECK(floor.at("statistic") == "mean");
  CHECK(auc == Approx((8 + 9 * .8) / 17));
  CHECK(floor.at("interval").at(0) <= auc);
  CHECK(floor.at("interval").at(1) >= auc);
}

TEST_CASE("duplicates have every part that they lie in") {
  study::Prepared data = grey_images();
  data.duplicates.exact = {{0, 1}, {0, 8, 9}};
  data.duplicates.near = {{1, 10, .99}};
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  const auto record = study::split_record({nullptr, recipe, data, {}, 2, 1, 0});
  const auto& duplicates = record.at("duplicates");
  CHECK(duplicates.at(0).at("part") == "test");
  CHECK(duplicates.at(1).at("part") == "train, test");
  CHECK(duplicates.at(2).at("part") == "train, test");
}

TEST_CASE("the balance is that of the repetition whose fakes were kept") {
  const study::Prepared data = grey_images();
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  const study::Context c{nullptr, recipe, data, {}, 2, 1, 0};
  const auto record = study::balance_record(c, c.units()[1], {3, 2});
  CHECK(record.at("unit") == "fold1-seed0");
  CHECK(record.at("rows").at(0).at("reals") == 4);  // 5 in the first fold
  CHECK(record.at("rows").at(0).at("fakes") == 3);
}

namespace {

quality::Confusion confusion_of(std::vector<std::int64_t> counts) { return {2, std::move(counts)}; }

}  // namespace

TEST_CASE("recognition: shares of fakes over all seeds, of reals over the same test images") {
  const study::Recognised counts{
      .fakes = {{confusion_of({6, 4, 2, 8}), confusion_of({10, 0, 6, 4})},
                {{0.9f, 0.1f, 0.1f, 0.9f}, {0.5f, 0.5f, 0.5f, 0.5f}}},
      .reals = {{confusion_of({30, 10, 0, 20}), confusion_of({20, 20, 10, 10})},
                {{1, 0, 0, 1}, {1, 0, 0, 1}}}};
  const auto json = study::recognition_json(counts, {"healthy", "bleeding"});
  const auto& healthy = json.at("classes").at("healthy");
  CHECK(healthy.at("fakes").at("share").get<double>() == Approx(0.8));
  CHECK(healthy.at("fakes").at("n") == 20);
  CHECK(healthy.at("fakes").at("per_seed") == nlohmann::ordered_json({0.6, 1.0}));
  CHECK(healthy.at("reals").at("share").get<double>() == Approx(0.625));
  CHECK(healthy.at("reals").at("n") == 40);
  const auto& bleeding = json.at("classes").at("bleeding");
  CHECK(bleeding.at("fakes").at("share").get<double>() == Approx(0.6));
  const quality::Interval wilson = quality::wilson_interval(12, 20);
  CHECK(bleeding.at("fakes").at("low").get<double>() == Approx(wilson.low));
  CHECK(bleeding.at("fakes").at("high").get<double>() == Approx(wilson.high));
  CHECK(json.at("accuracy").at("fakes").at("share").get<double>() == Approx(0.7));
  CHECK(json.at("accuracy").at("fakes").at("n") == 40);
  CHECK(json.at("accuracy").at("reals").at("n") == 60);
  const auto& score = json.at("inception_score");
  CHECK(score.at("reals").at("mean").get<double>() == Approx(2));
  const double decided = std::exp(std::log(2.) + 0.9 * std::log(0.9) + 0.1 * std::log(0.1));
  CHECK(score.at("fakes").at("per_seed")[0].get<double>() == Approx(decided));
  CHECK(score.at("fakes").at("mean").get<double>() == Approx((decided + 1) / 2));
  CHECK(json.at("confusion") == nlohmann::ordered_json({{16, 4}, {8, 12}}));
}

TEST_CASE("recognition: a class without fakes has none, and no seed is an error") {
  const study::Recognised counts{.fakes = {{confusion_of({0, 0, 2, 8})}, {}},
                                 .reals = {{confusion_of({3, 1, 0, 4})}, {}}};
  const auto json = study::recognition_json(counts, {"a", "b"});
  CHECK(json.at("classes").at("a").at("fakes").is_null());
  CHECK(json.at("classes").at("a").at("reals").at("share").get<double>() == Approx(0.75));
  CHECK(json.at("classes").at("b").at("fakes").at("share").get<double>() == Approx(0.8));
  CHECK(json.at("inception_score").at("fakes").is_null());
  CHECK_THROWS_AS(study::recognition_json({}, {"a", "b"}), DataError);
}
