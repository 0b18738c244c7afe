// The page of a study with several uneven classes and a Wasserstein GAN.
#include "five_class_run.h"
#include "run_page.h"
#include "sample_run.h"

#include <ganymede/kernels/file.h>
#include <ganymede/tools/report/confusion.h>
#include <ganymede/tools/report/majority.h>
#include <ganymede/tools/report/svg_heat_map.h>
#include <ganymede/tools/report/words.h>

#include <catch2/catch.hpp>
#include <cmath>

#include <nlohmann/json.hpp>

using namespace ganymede;
using namespace ganymede::report;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

std::string page_of(const Json& run) { return report_page(run.dump(), "nowhere"); }

}  // namespace

TEST_CASE("five classes: the metric that decides comes first, under its full name") {
  const auto arms = section(page_of(five_class_run()), "arms");
  CHECK_THAT(arms,
             Contains("<th>Arm</th><th>Quadratic kappa</th><th>Macro AUC</th><th>Accuracy</th>"
                      "<th>Balanced accuracy</th><th>Macro F1</th>"));
  auto by_auc = five_class_run();
  by_auc["verdict"]["metric"] = "auc";
  CHECK_THAT(section(page_of(by_auc), "arms"),
             Contains("<th>Macro AUC</th><th>Accuracy</th><th>Balanced accuracy</th>"
                      "<th>Macro F1</th><th>Quadratic kappa</th>"));
  CHECK(section(page_of(sample_run()), "arms").find("Macro") == std::string::npos);
}

TEST_CASE("five classes: what always guessing the largest class reaches, and each class's recall") {
  const auto arms = section(page_of(five_class_run()), "arms");
  CHECK_THAT(arms, Contains("<dt>gan</dt><dd>real and synthetic images</dd>"));
  CHECK_THAT(arms, Contains("right in 58.5 % of its images"));
  CHECK(occurrences(arms, "always “0”") == 2);  // once for each network
  CHECK_THAT(arms, Contains(">0.585<") && Contains(">0.200<"));
  CHECK(occurrences(arms, "31 images") == 2);
  const double recall = number_at(
      part(part(part(part(part(five_class_run(), "arms"), "gan"), "resnet101"), "recall"), "2"),
      "mean");
  CHECK_THAT(arms, Contains(fixed(recall) + " ± "));
}

TEST_CASE("the constant answer's figures are those of the measures") {
  const auto run = five_class_run();
  CHECK(majority_metric(run, "accuracy") == Approx(117. / 200));
  CHECK(majority_metric(run, "balanced_accuracy") == Approx(.2));
  CHECK(majority_metric(run, "f1") == Approx(2 * 117. / (117 + 200) / 5));
  CHECK(majority_metric(run, "kappa") == 0);
  CHECK(majority_metric(run, "auc") == .5);
  auto two = sample_run();
  CHECK_FALSE(shows_majority(two));
  two["split"]["majority"] = {{"class", "hemorrhage"}, {"share", .5}};
  CHECK_FALSE(shows_majority(two));
  two["split"]["majority"]["share"] = .7;
  CHECK(shows_majority(two));
  CHECK(majority_metric(two, "sensitivity") == 1);
  CHECK(majority_metric(two, "f1") == Approx(2 * .7 / 1.7));
  CHECK_THAT(section(page_of(two), "arms"), Contains("always “hemorrhage”"));
}

TEST_CASE("training and test accuracy: a plot of each for every network, a line for every arm") {
  auto run = five_class_run();
  const auto both = section(page_of(run), "accuracy");
  CHECK(occurrences(both, "<svg ") == 4);
  CHECK(occurrences(both, "<polyline") == 4 * 5);
  CHECK_THAT(both, Contains("densenet121: test accuracy") && Contains("chose nothing") &&
                       Contains(">epoch<") && Contains("always “0”: 0.585"));
  for (auto& [arm, networks] : run["arms"].items())
    for (auto& [network, content] : networks.items()) {
      content["curve"].erase("test");
      content["curve"].erase("epoch");
    }
  const auto alone = section(page_of(run), "accuracy");
  CHECK(occurrences(alone, "<svg ") == 2);
  CHECK_THAT(alone, Contains("<h2>Training accuracy</h2>") && Contains(">step<"));
  CHECK(alone.find("chose nothing") == std::string::npos);
  CHECK(page_of(sample_run()).find("id=\"accuracy\"") == std::string::npos);
}

TEST_CASE("five classes: ROC of each against the rest, and how large an effect the best sees") {
  const auto run = five_class_run();
  const auto page = page_of(run);
  const auto roc = section(page, "roc");
  CHECK(occurrences(roc, "<svg ") == 10);
  CHECK_THAT(roc, Contains("resnet101: class 3 against the others"));
  const auto& networks = part(part(run, "verdict"), "per_network");
  const double smallest = std::fmin(number_at(part(networks, "densenet121"), "smallest_detectable"),
                                    number_at(part(networks, "resnet101"), "smallest_detectable"));
  CHECK_THAT(
      section(page, "detection"),
      Contains("<b>" + fixed(smallest, 2) + " quadratic kappa</b>") && Contains("macro AUC"));
}

TEST_CASE("a GAN of all classes is shown once, one per class each by itself") {
  auto run = five_class_run();
  const auto once = section(page_of(run), "training");
  CHECK(occurrences(once, "<svg ") == 2);
  CHECK_THAT(once, Contains("all classes: Wasserstein estimate") && Contains("37,800") &&
                       Contains("Parameters<br>critic") &&
                       Contains("Wasserstein, labelled afterwards"));
  CHECK(occurrences(once, "estimate was negative") == 1);
  CHECK(occurrences(once, "18,871,427") == 1);
  CHECK_THAT(once, Contains("<tr><th>2</th><td>215</td><td>13.20</td>"));
  CHECK(page_of(run).find("discriminator") == std::string::npos);
  for (auto& [name, gan] : run["gan"].items()) {
    gan["name"] = name;
    gan["trained_on"] = {name};
    gan["critic"] = nullptr;
  }
  const auto each = section(page_of(run), "training");
  CHECK(occurrences(each, "<svg ") == 10);
  CHECK_THAT(each, Contains("class 3: Wasserstein estimate"));
  CHECK(each.find("estimate was negative") == std::string::npos);
}

TEST_CASE("selection: bars that add up, and a small grid for each reason") {
  const RunFolder folder(write_five_class_run);
  const auto images = section(folder.page(), "images");
  CHECK(occurrences(images, "<svg ") == 5);
  CHECK_THAT(images, Contains("1,260 made, 252 kept, 1,008 rejected.") &&
                         Contains(">1,235 left (−25)<") && Contains(">more than wanted<"));
  CHECK_THAT(images, Contains("Synthetic class 2, rejected: taken for another class (143)"));
  CHECK(occurrences(images, "<img ") == 10 + 23);  // class 4 lost none for two of the reasons
  auto none = five_class_run();
  for (auto& [name, synthetic] : none["synthetic"].items()) synthetic["selection"] = nullptr;
  CHECK_THAT(section(page_of(none), "images"), Contains("Rejected: 25 too close"));
}

TEST_CASE("the selector says on what it was fitted and that it evaluates nothing") {
  const auto selector = section(page_of(five_class_run()), "selector");
  CHECK_THAT(selector, Contains("<b>resnet18</b>") && Contains("training part only") &&
                           Contains("evaluates nothing") && Contains("1,080 training images") &&
                           Contains("0.583"));
  CHECK(occurrences(selector, "class=\"cell ") == 25);
}

TEST_CASE("the balance plan: a bar and a row for each class, and the control under it") {
  auto run = five_class_run();
  const auto balance = section(page_of(run), "balance");
  CHECK_THAT(balance,
             Contains("<code>fill</code>") && Contains("enters 3 times") &&
                 Contains("<tr><th>1</th><td>167</td><td>463</td><td>630</td><td>463</td>"));
  CHECK_THAT(balance, Contains("real, repeated (the control)") && Contains("fakes were wanted") &&
                          !Contains("handed over"));
  run["balance"]["unit"] = "fold2-seed0";
  CHECK_THAT(section(page_of(run), "balance"),
             Contains("different images of <code>fold2-seed0</code>, whose fakes are handed over"));
  for (auto& row : run["balance"]["rows"]) row["oversampled"] = 0;
  CHECK(section(page_of(run), "balance").find("control") == std::string::npos);
}

TEST_CASE("confusion matrices: readable pictures on the page and as files of their own") {
  const RunFolder folder(write_five_class_run);
  const auto confusion = section(folder.page(), "confusion");
  CHECK(occurrences(confusion, "<svg ") == 10);
  CHECK(occurrences(confusion, "class=\"cell right\"") == 50);
  CHECK(occurrences(confusion, ">predicted<") == 10);
  const auto pictures = confusion_pictures(five_class_run());
  REQUIRE(pictures.size() == 10);
  CHECK(pictures[3].file() == "pictures/confusion-classic+gan-densenet121.svg");
  const auto bytes = read_file((folder.path / pictures[3].file()).string());
  const std::string svg(bytes.begin(), bytes.end());
  CHECK_THAT(svg, Contains("xmlns=\"http://www.w3.org/2000/svg\"") &&
                      Contains("classic+gan, densenet121") && Contains("<desc>True 0: "));
  CHECK(svg.find("var(") == std::string::npos);
  CHECK(ConfusionPicture{"a/b", "c", ""}.file() != ConfusionPicture{"a_b", "c", ""}.file());
  CHECK(ConfusionPicture{"../x", "c", ""}.file().find("..") == std::string::npos);
}

TEST_CASE("a matrix that is not square is left out, a long name is cut and said in full") {
  CHECK(confusion_plot("x", Json::parse("[[1, 2], [3]]"), {}) == "");
  CHECK(confusion_plot("x", nullptr, {}) == "");
  const auto svg = heat_map({"t", {std::string(60, 'w'), "<b>"}, {{3, 1}, {0, 0}}});
  CHECK_THAT(svg, Contains("…<") && Contains("True " + std::string(60, 'w') + ": 3 taken for"));
  CHECK_THAT(svg, Contains("&lt;b&gt;") && Contains(">75 %<") && Contains(">25 %<"));
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("five classes: each part of run.json may be missing") {
  const auto run = five_class_run();
  for (const auto& [key, value] : run.items()) {
    INFO(key);
    auto less = run;
    less.erase(key);
    CHECK_THAT(page_of(less), Contains("</html>"));
    const auto page = page_of(Json{{key, value}});
    CHECK_THAT(page, Contains("</html>"));
    CHECK(page.find("{{") == std::string::npos);
    CHECK(page.find(">nan") == std::string::npos);
  }
}
