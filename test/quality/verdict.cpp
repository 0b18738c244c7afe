#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/verdict.h>

#include <catch2/catch.hpp>
#include <cmath>

using namespace ganymede::quality;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

NetworkComparison comparison(const char* network, double estimate, double half, double p,
                             int seeds = 5) {
  BootstrapResult difference;
  difference.estimate = estimate;
  difference.interval = {estimate - half, estimate + half};
  difference.per_seed.assign(std::size_t(seeds), estimate);
  difference.standard_error = half / 1.96;
  difference.p = p;
  return {network, .8 + estimate, .8, difference};
}

const std::vector<TestedClass> enough{{"normal", 10, 10}, {"hemorrhage", 10, 3}};

}  // namespace

TEST_CASE("an interval above 0 with five seeds helps, below 0 hurts") {
  const auto helps = decide({}, enough, {comparison("resnet50", .06, .03, .001)});
  CHECK(helps.result == Outcome::helps);
  CHECK(helps.sentence ==
        "GAN augmentation HELPS resnet50 on this data. resnet50: AUC 0.860 with classic+gan, 0.800 "
        "with classic, difference +0.060 (95 % interval +0.030 to +0.090, p = 0.001); 5 seeds.");
  CHECK(decide({}, enough, {comparison("resnet50", -.06, .03, .001)}).result == Outcome::hurts);
}

TEST_CASE("an interval that holds 0 is no evidence, and says what it could have seen") {
  const auto verdict = decide({}, enough, {comparison("resnet50", .02, .0784, .6)});
  CHECK(verdict.result == Outcome::no_evidence);
  CHECK(verdict.networks[0].smallest_detectable == Approx(2.8016 * .04).epsilon(1e-4));
  CHECK_THAT(verdict.sentence, StartsWith("NO EVIDENCE"));
  CHECK_THAT(verdict.sentence, Contains("not \"no effect\"") && Contains("0.11 AUC"));
}

TEST_CASE("three seeds carry no verdict, whatever the interval") {
  const auto verdict = decide({}, enough, {comparison("resnet50", .06, .01, .0001, 3)});
  CHECK(verdict.result == Outcome::no_evidence);
  CHECK_THAT(verdict.sentence,
             Contains("The interval excludes 0, but a verdict takes at least 5 seeds"));
}

TEST_CASE("fewer than ten test patients of a class carry no verdict, and the sentence says so") {
  const std::vector<TestedClass> few{{"normal", 3, 3}, {"hemorrhage", 1, 1}, {"other", 10, 10}};
  const auto verdict = decide({}, few, {comparison("resnet50", .06, .03, .001)});
  CHECK(verdict.result == Outcome::no_evidence);
  CHECK_THAT(verdict.sentence,
             Contains("5 seeds. The interval excludes 0, but the test part has 3 patients with "
                      "'normal', 1 with 'hemorrhage'; a verdict takes at least 10 of each "
                      "class. That is not"));
  CHECK_THAT(decide({}, few, {comparison("resnet50", .0, .03, 1, 3)}).sentence,
             Contains("A verdict takes at least 5 seeds; the test part has 3 patients"));
  VerdictRules rules;
  rules.quick = true;
  CHECK_THAT(decide(rules, few, {comparison("resnet50", .06, .03, .001)}).sentence,
             StartsWith("Quick run, not evidence: NO EVIDENCE") && Contains("at least 10 of each"));
  CHECK_THROWS_AS(decide({}, {}, {comparison("resnet50", .0, .03, 1)}), ganymede::DataError);
}

TEST_CASE("images of one patient count once, in each class that the patient has") {
  const TestSamples samples{.labels = {0, 0, 0, 1, 1}, .groups = {7, 7, 8, 8, 9}, .folds = {}};
  const auto tested = tested_classes(samples, {"normal", "hemorrhage", "none such"});
  REQUIRE(tested.size() == 3);
  CHECK(tested[0].patients == 2);
  CHECK(tested[1].patients == 2);
  CHECK(tested[2].patients == 0);
  CHECK(tested[0].fewest_in_fold == 2);
  const TestSamples folded{
      .labels = {0, 0, 0, 1, 1}, .groups = {7, 7, 8, 8, 9}, .folds = {0, 0, 1, 1, 1}};
  CHECK(tested_classes(folded, {"normal", "hemorrhage"})[0].patients == 2);
  CHECK(tested_classes(folded, {"normal", "hemorrhage"})[0].fewest_in_fold == 1);
  CHECK(tested_classes(folded, {"normal", "hemorrhage"})[1].fewest_in_fold == 0);
  const TestSamples ungrouped{.labels = {0, 0, 1}, .groups = {}, .folds = {}};
  CHECK(tested_classes(ungrouped, {"normal", "hemorrhage"})[0].patients == 2);
}

TEST_CASE("fewer than three patients of a class in a fold carry no verdict") {
  const std::vector<TestedClass> few{{"normal", 20, 2}, {"hemorrhage", 25, 3}};
  const auto verdict = decide({}, few, {comparison("resnet50", .06, .03, .001)});
  CHECK(verdict.result == Outcome::no_evidence);
  CHECK_THAT(verdict.sentence,
             Contains("a fold's test part has 2 patients with 'normal'; a verdict "
                      "takes at least 3 of each class in each fold"));
}

TEST_CASE("the answer is about what the arms differ in") {
  VerdictRules rules;
  rules.arm = "classic", rules.baseline = "none", rules.change = "'classic' in place of 'none'";
  CHECK_THAT(decide(rules, enough, {comparison("resnet50", .06, .03, .001)}).sentence,
             StartsWith("'classic' in place of 'none' HELPS resnet50"));
  CHECK_THAT(decide(rules, enough, {comparison("resnet50", .0, .03, 1)}).sentence,
             StartsWith("NO EVIDENCE that 'classic' in place of 'none' helps or hurts"));
}

TEST_CASE("a quick run says so first") {
  VerdictRules rules;
  rules.quick = true;
  CHECK_THAT(decide(rules, enough, {comparison("resnet50", .06, .03, .001)}).sentence,
             StartsWith("Quick run, not evidence:"));
  CHECK_THAT(decide(rules, enough, {comparison("resnet50", .0, .03, 1, 3)}).sentence,
             StartsWith("Quick run, not evidence:"));
}

TEST_CASE("Holm's correction over networks can take a verdict back") {
  CHECK(decide({}, enough, {comparison("resnet101", .05, .04, .03)}).result == Outcome::helps);
  const auto two = decide(
      {}, enough, {comparison("resnet101", .05, .04, .03), comparison("densenet121", .0, .05, .9)});
  CHECK(two.result == Outcome::no_evidence);
  CHECK(two.networks[0].p_holm == Approx(.06));
  CHECK_THAT(two.sentence, Contains("Holm p = 0.06"));
}

TEST_CASE("networks may differ: one that helps decides, a contradiction does not") {
  const auto one =
      decide({}, enough,
             {comparison("resnet101", .05, .02, .001), comparison("densenet121", .0, .05, .9)});
  CHECK(one.result == Outcome::helps);
  CHECK_THAT(one.sentence, Contains("HELPS resnet101 on"));
  const auto split =
      decide({}, enough,
             {comparison("resnet101", .05, .02, .001), comparison("densenet121", -.05, .02, .001)});
  CHECK(split.result == Outcome::no_evidence);
  CHECK_THAT(split.sentence, Contains("helps resnet101 and hurts densenet121"));
}

TEST_CASE("arms that never differ are told apart from arms that are alike") {
  auto same = comparison("resnet50", 0, 0, 1);
  same.difference.standard_error = 0;
  const auto verdict = decide({}, enough, {same});
  CHECK(std::isnan(verdict.networks[0].smallest_detectable));
  CHECK_THAT(verdict.sentence, Contains("too few test images"));
  CHECK_THROWS_AS(decide({}, enough, {}), ganymede::DataError);
}
