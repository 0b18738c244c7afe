// References: scikit-learn 1.9.1 (confusion_matrix, balanced_accuracy_score, f1_score,
// cohen_kappa_score, roc_auc_score, roc_curve), or worked by hand where no source is named.
#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/classification.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/quality/recall.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace ganymede::quality;
using Doubles = std::vector<double>;
using Labels = std::vector<int>;

namespace {

const Labels labels{0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0};
const Doubles scores{.1, .4, .35, .8, .4, .65, .9, .2, .4, .55, .7, .05};

const Labels truth3{0, 1, 2, 2, 1, 0, 1, 2, 0, 1};
const Labels predicted3{0, 2, 2, 1, 1, 0, 1, 2, 1, 1};

}  // namespace

TEST_CASE("two classes: every measure by hand") {
  // TP 3, FN 1, FP 1, TN 3
  const auto c =
      confusion_matrix(Labels{1, 1, 1, 0, 0, 0, 0, 1}, Labels{1, 0, 1, 0, 1, 0, 0, 1}, 2);
  CHECK(c.at(1, 1) == 3);
  CHECK(c.at(1, 0) == 1);
  CHECK(c.at(0, 1) == 1);
  CHECK(accuracy(c) == Approx(.75));
  CHECK(sensitivity(c, 1) == Approx(.75));
  CHECK(specificity(c, 1) == Approx(.75));
  CHECK(f1(c, 1) == Approx(.75));
}

TEST_CASE("the positive class may be class 0") {
  const auto c = confusion_matrix(Labels{0, 0, 0, 1}, Labels{0, 1, 1, 1}, 2);
  CHECK(sensitivity(c, 0) == Approx(1. / 3));
  CHECK(specificity(c, 0) == Approx(1));
  CHECK(f1(c, 0) == Approx(.5));
}

TEST_CASE("three classes against scikit-learn") {
  const auto c = confusion_matrix(truth3, predicted3, 3);
  CHECK(c.counts == std::vector<std::int64_t>{2, 1, 0, 0, 3, 1, 0, 1, 2});
  CHECK(accuracy(c) == Approx(.7));
  CHECK(balanced_accuracy(c) == Approx(0.6944444444444443));
  CHECK(f1(c, 1) == Approx(0.7111111111111111));
  CHECK(quadratic_kappa(c) == Approx(0.7272727272727273));
}

TEST_CASE("a class without images is undefined, not zero") {
  const auto c = confusion_matrix(Labels{0, 0}, Labels{0, 1}, 2);
  CHECK(std::isnan(sensitivity(c, 1)));
  CHECK(specificity(c, 1) == Approx(.5));
}

TEST_CASE("confusion matrices add up") {
  auto sum = Confusion{};
  sum += confusion_matrix(truth3, predicted3, 3);
  sum += confusion_matrix(truth3, predicted3, 3);
  CHECK(sum.total() == 20);
  CHECK_THROWS_AS(sum += confusion_matrix(Labels{0}, Labels{0}, 2), ganymede::ShapeError);
  CHECK_THROWS_AS(confusion_matrix(Labels{2}, Labels{0}, 2), ganymede::DataError);
  CHECK_THROWS_AS(confusion_matrix(Labels{0, 1}, Labels{0}, 2), ganymede::ShapeError);
}

TEST_CASE("auc counts ties half") {
  CHECK(auc(scores, labels, 1) == Approx(0.8611111111111112));
  CHECK(auc(scores, labels, 0) == Approx(1 - 0.8611111111111112));
  CHECK(auc(Doubles{.5, .5, .5}, Labels{1, 0, 1}, 1) == Approx(.5));
  CHECK_THROWS_AS(auc(Doubles{.1, .2}, Labels{1, 1}, 1), ganymede::DataError);
  CHECK_THROWS_AS(auc(Doubles{.1, std::nan("")}, Labels{1, 0}, 1), ganymede::DataError);
}

TEST_CASE("macro auc against scikit-learn") {
  const Doubles p{.7, .2, .1, .2, .3, .5, .1, .2, .7, .2, .5, .3, .3, .6, .1,
                  .8, .1, .1, .4, .5, .1, .1, .3, .6, .3, .4, .3, .2, .7, .1};
  CHECK(macro_auc(p, truth3, 3) == Approx(0.9107142857142856));
  CHECK(argmax_rows(p, 3) == Labels{0, 2, 2, 1, 1, 0, 1, 2, 1, 1});
}

TEST_CASE("roc curve against scikit-learn") {
  const auto curve = roc_curve(scores, labels, 1);
  REQUIRE(curve.size() == 11);
  CHECK(curve[0].threshold == std::numeric_limits<double>::infinity());
  CHECK(curve[4].threshold == .65);
  CHECK(curve[4].true_positive_rate == Approx(2. / 3));
  CHECK(curve[6].false_positive_rate == Approx(.5));  // three images tie at .4
  CHECK(curve[6].true_positive_rate == Approx(5. / 6));
  CHECK(curve[10].false_positive_rate == 1);
}

TEST_CASE("the area under a mean curve is the mean of the areas") {
  const Doubles other{.3, .2, .5, .6, .45, .4, .95, .25, .1, .35, .85, .15};
  const std::vector<std::vector<RocPoint>> curves{roc_curve(scores, labels, 1),
                                                  roc_curve(other, labels, 1)};
  const auto mean = mean_roc(curves);
  double area = 0;
  for (std::size_t i = 1; i < mean.size(); ++i)
    area += (mean[i].false_positive_rate - mean[i - 1].false_positive_rate) *
            (mean[i].true_positive_rate + mean[i - 1].true_positive_rate) / 2;
  CHECK(area == Approx((0.8611111111111112 + 0.8055555555555556) / 2));
  CHECK_THROWS_AS(mean_roc({}), ganymede::DataError);
}

TEST_CASE("the threshold has the best Youden index and lies between scores") {
  const auto choice = choose_threshold(scores, labels, 1);
  CHECK(choice.youden == Approx(2. / 3));
  CHECK(choice.threshold == Approx(.6));  // between .55 and .65
  CHECK(choice.specificity == Approx(1));
  CHECK(choice.sensitivity == Approx(2. / 3));
  CHECK(apply_threshold(scores, choice.threshold, 1, 0) ==
        Labels{0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0});
}

TEST_CASE("of equally good thresholds the nearest to one half wins, then the lower") {
  // Youden .5 both at .8125 and at .1875
  CHECK(choose_threshold(Doubles{.875, .75, .25, .125}, Labels{1, 0, 1, 0}, 1).threshold == .1875);
  CHECK(choose_threshold(Doubles{.75, .5, .25, 0}, Labels{1, 0, 1, 0}, 1).threshold ==
        Approx(.625));
}

TEST_CASE("the recall of each class, over the seeds") {
  const TestSamples samples{truth3, {}, {}, 3, 1};
  Predictions first{{}, predicted3}, second{{}, truth3};
  const auto recalls = class_recalls(samples, std::vector{first, second});
  REQUIRE(recalls.size() == 3);
  CHECK(recalls[0].per_seed == Doubles{2. / 3, 1});
  CHECK(recalls[0].mean == Approx(5. / 6));
  CHECK(recalls[0].sd == Approx(std::sqrt(1. / 18)));
  CHECK(recalls[1].per_seed == Doubles{.75, 1});
  CHECK(recalls[2].per_seed == Doubles{2. / 3, 1});
  // Balanced accuracy is their mean over the classes.
  const double sum = recalls[0].per_seed[0] + recalls[1].per_seed[0] + recalls[2].per_seed[0];
  CHECK(sum / 3 == Approx(balanced_accuracy(confusion_matrix(truth3, predicted3, 3))));
  CHECK(class_recalls(samples, std::vector{first})[0].sd == 0);
  CHECK_THROWS_AS(class_recalls(samples, {}), ganymede::DataError);
}

TEST_CASE("a class without test images has no recall, the others keep theirs") {
  const TestSamples samples{{0, 0, 2, 2}, {}, {}, 3, 1};
  const auto recalls = class_recalls(samples, std::vector{Predictions{{}, {0, 1, 2, 2}}});
  CHECK(recalls[0].mean == .5);
  CHECK(std::isnan(recalls[1].mean));
  CHECK(recalls[2].mean == 1);
}

TEST_CASE("always guessing the largest class") {
  const auto majority = majority_class(Labels{0, 2, 2, 1, 2}, 4);
  CHECK(majority.of_class == 2);
  CHECK(majority.share == Approx(.6));
  CHECK(accuracy(confusion_matrix(Labels{0, 2, 2, 1, 2}, Labels(5, 2), 4)) == Approx(.6));
  CHECK(majority_class(Labels{1, 0}, 2).of_class == 0);  // of equal ones the lowest
  CHECK_THROWS_AS(majority_class(Labels{}, 2), ganymede::DataError);
  CHECK_THROWS_AS(majority_class(Labels{3}, 2), ganymede::DataError);
}
