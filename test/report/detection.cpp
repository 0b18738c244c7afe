// The page of a detection study: arms of detectors, their scores, images turned to another class.
#include "detection_run.h"
#include "run_page.h"
#include "sample_run.h"

#include <ganymede/tools/report/anomaly.h>
#include <ganymede/tools/report/svg_bars.h>
#include <ganymede/tools/report/svg_plot.h>
#include <ganymede/tools/report/words.h>

#include <cmath>

#include <nlohmann/json.hpp>

using namespace ganymede;
using namespace ganymede::report;
using namespace ganymede::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::string page_of(const Json& run) { return report_page(run.dump(), "nowhere"); }
std::string anomaly_of(const Json& run) { return section(page_of(run), "anomaly"); }

const std::string turned_heading = "Generated against real images";

std::string text_at(const fs::path& file) {
  const auto bytes = read_file(file.string());
  return {bytes.begin(), bytes.end()};
}

/// The places at which the texts stand, each found behind the one before.
bool in_order(const std::string& page, const std::vector<std::string>& texts) {
  std::size_t at = 0;
  for (const auto& text : texts) {
    at = page.find(text, at);
    if (at == std::string::npos) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("detection: the arms in their order, whatever that of the file, the baseline last") {
  const RunFolder folder(write_detection_run);
  const auto page = section(folder.page(), "anomaly");
  CHECK(in_order(page, {"<th>Arm</th>", "<th>none</th>", "<th>anogan</th>", "<th>gan</th>",
                        "<th>classic</th>", "<th>oversample</th>", "<th>PCA</th>", "</table>"}));
  CHECK(page.find("<tr class=\"reference\"><th>PCA</th>") != std::string::npos);
  CHECK(occurrences(page, "<tr class=\"primary\"><th>gan</th>") == 2);  // arms and comparisons
  const auto record = detection_run()["detection"]["detectors"]["gan"];
  const auto& auc = record["auc"];
  CHECK_THAT(page, Contains(fixed(auc["value"]) + " ± " + fixed(auc["sd"])));
  CHECK_THAT(page, Contains(fixed(auc["low"]) + " to " + fixed(auc["high"])));
  CHECK_THAT(page, Contains("DeLong: " + fixed(record["delong"]["low"]) + " to "));
  CHECK_THAT(page, Contains(four_digits(record["mean_score"]["NORMAL"])));
  CHECK_THAT(page, Contains("<td>+" + four_digits(record["gap"]) + "</td>"));
  CHECK_THAT(page, Contains("paper: 0.88") && Contains("paper: 666") && Contains("paper: 506"));
  CHECK_THAT(page, Contains("+ 3,808 generated") && Contains("<td>44,000</td>"));
  CHECK_THAT(page, Contains("compare with it"));  // oversample, because the steps differ
  auto shorter = detection_run();
  shorter["detection"]["detectors"]["oversample"]["steps"] = 20300;
  CHECK(anomaly_of(shorter).find("compare with it") == std::string::npos);
}

TEST_CASE("detection: the answer first, about AnoGAN and not macro AUC for several classes") {
  auto run = detection_run();
  run["data"]["classes"] = {"CNV", "DME", "NORMAL", "PNEUMONIA"};
  const auto page = page_of(run);
  CHECK(page.find("class=\"headline\"") < page.find("id=\"anomaly\""));
  CHECK_THAT(page, Contains("<tr><th>AnoGAN</th>"));
  CHECK(page.find("acro AUC") == std::string::npos);
}

TEST_CASE("detection: an AUC below chance is said and not turned round") {
  auto run = detection_run();
  CHECK(anomaly_of(run).find("below chance") == std::string::npos);
  run["detection"]["detectors"]["classic"]["auc"]["value"] = .41;
  const auto page = anomaly_of(run);
  CHECK(occurrences(page, "<span class=\"sub\">below chance</span>") == 1);
  CHECK_THAT(page, Contains(">0.410") && Contains("not turned round"));
  CHECK(page.find("0.590") == std::string::npos);
}

TEST_CASE("detection: comparisons in words, never more than the verdict says of its own") {
  auto run = detection_run();
  run["verdict"]["result"] = "HELPS";
  auto& all = run["detection"]["comparisons"];
  const auto set = [&](std::size_t k, double low, double high) {
    all[k]["low"] = low;
    all[k]["high"] = high;
  };
  set(0, -.02, .03);
  set(1, .01, .09);
  set(2, -.08, -.01);
  all[1]["p"] = .0002;
  const auto page = anomaly_of(run);
  CHECK(in_order(page, {">no difference shown<", ">gan tells the classes apart better<",
                        ">classic tells the classes apart less well<"}));
  CHECK_THAT(page, Contains("+0.010 to +0.090") && Contains("&lt; 0.001"));
  CHECK_THAT(page, Contains("Each arm was trained twice"));
  run["verdict"]["result"] = "NO EVIDENCE";
  const auto unsure = anomaly_of(run);
  CHECK(in_order(unsure, {">no difference shown<", ">no evidence of a difference<",
                          ">classic tells the classes apart less well<"}));
  CHECK(unsure.find("gan tells the classes apart better") == std::string::npos);
  for (auto& detector : run["detection"]["detectors"])
    detector["auc"]["per_seed"] = {1, 1, 1, 1, 1};
  CHECK(anomaly_of(run).find("Each arm was trained") == std::string::npos);
  CHECK(anomaly_of(run).find("test part has") == std::string::npos);
  run["verdict"]["patients"]["PNEUMONIA"] = 3;
  CHECK_THAT(anomaly_of(run), Contains("The test part has 3 patients with &apos;PNEUMONIA&apos;; a "
                                       "verdict takes at least 10 of each class."));
}

TEST_CASE("detection: intervals are named by their level, and what chance does by it") {
  auto run = detection_run();
  CHECK_THAT(anomaly_of(run), Contains("one such row in 20 shows"));
  run["settings"]["study"]["alpha"] = .2;
  const auto page = anomaly_of(run);
  CHECK_THAT(page, Contains("<th>80 % interval</th>") && Contains("one such row in 5 shows") &&
                       !Contains("95 %"));
}

TEST_CASE("detection: what each comparison of generated with real images shows") {
  auto run = detection_run();
  const auto page = anomaly_of(run);
  CHECK_THAT(page, Contains(turned_heading) && Contains("paper: 0.90"));
  CHECK_THAT(page, Contains("NORMAL images turned by the generator look like real PNEUMONIA"));
  CHECK_THAT(page, Contains("the mark of the generator, not of disease"));
  auto& auc = run["detection"]["turned"]["generated from NORMAL against real NORMAL"]["auc"];
  for (const auto& [low, high, text] :
       {std::tuple{.4, .6, ">not told apart<"}, std::tuple{.7, .8, ">told apart<"},
        std::tuple{.2, .3, ">told apart, the other way round<"}}) {
    auc["low"] = low;
    auc["high"] = high;
    CHECK_THAT(anomaly_of(run), Contains(text));
  }
  run["detection"]["turned"] = {{"something else", {{"auc", {{"value", .6}}}}}};
  CHECK_THAT(anomaly_of(run), Contains("<th>something else</th>"));
}

TEST_CASE("detection: the plots lie beside the page, each a picture that stands alone") {
  const RunFolder folder(write_detection_run);
  const auto page = section(folder.page(), "anomaly");
  for (const char* name :
       {"auc-arms", "roc-arms", "mean-scores", "scores-none", "scores-anogan", "scores-gan",
        "scores-classic", "scores-oversample", "scores-PCA", "roc-turned"}) {
    INFO(name);
    const auto file = folder.path / "pictures" / (std::string(name) + ".svg");
    REQUIRE(fs::exists(file));
    const auto svg = text_at(file);
    CHECK_THAT(svg, Contains("<svg xmlns=") && Contains("NORMAL"));
    CHECK(svg.find("var(") == std::string::npos);
    CHECK(svg.find("nan") == std::string::npos);
  }
  CHECK(occurrences(page, "<svg ") == 10);
  CHECK_THAT(page, Contains("src=\"data:image/png;base64,"));
}

TEST_CASE("detection: the histograms of all arms have one axis, that of PCA its own") {
  const auto plots = score_plots(detection_run()["detection"]);
  REQUIRE(plots.size() == 6);
  const auto ticks = [](const std::string& svg) {
    std::vector<std::string> found;
    const std::string begin = "class=\"tick\"";
    for (auto at = svg.find(begin); at != std::string::npos; at = svg.find(begin, at + 1))
      found.push_back(svg.substr(at, svg.find("</text>", at) - at));
    return found;
  };
  for (std::size_t k = 1; k < 5; ++k) CHECK(ticks(plots[k].svg) == ticks(plots[0].svg));
  CHECK(ticks(plots[5].svg) != ticks(plots[0].svg));
}

TEST_CASE("grouped bars: as high as their values, none for a missing one") {
  const auto svg = grouped_bar_plot(
      {"label", "title", "score", {"a", "b"}, {{"x", {100, 50}}, {"y", {NAN, 25}}}});
  std::vector<double> heights;
  for (auto at = svg.find("height=\"", svg.find("<rect")); at != std::string::npos;
       at = svg.find("height=\"", at + 1))
    heights.push_back(std::stod(svg.substr(at + 8)));
  REQUIRE(heights.size() == 5);  // three bars, two of the legend
  CHECK(heights[1] == Approx(heights[0] / 2).margin(.1));
  CHECK(heights[2] == Approx(heights[0] / 4).margin(.1));
  CHECK_THAT(svg, Contains(">100.0<") && Contains(">25.00<"));
}

TEST_CASE("histograms: values that are no numbers have no share") {
  HistogramPlot plot{"label", "x", {"a"}, {{1, NAN, INFINITY, 2}}, {}};
  CHECK_THAT(histogram_plot(plot), Contains("<svg ") && !Contains("nan") && !Contains("inf"));
}

TEST_CASE("detection: each part may be missing") {
  const auto whole = detection_run();
  const auto check = [](const Json& run) {
    const auto page = page_of(run);
    CHECK_THAT(page, Contains("</html>") && !Contains("{{") && !Contains(">nan"));
  };
  for (const auto& [key, value] : whole["detection"].items()) {
    INFO(key);
    auto run = whole;
    run["detection"].erase(key);
    check(run);
    run["detection"][key] = nullptr;
    check(run);
    check({{"detection", {{key, value}}}});
  }
  for (const auto& [key, value] : whole["detection"]["detectors"]["none"].items()) {
    INFO(key);
    auto run = whole;
    for (auto& detector : run["detection"]["detectors"]) detector.erase(key);
    check(run);
  }
}

TEST_CASE("detection: a detector alone has no parts of a study") {
  auto run = detection_run();
  const auto none = run["detection"]["detectors"]["none"],
             pca = run["detection"]["detectors"]["PCA"];
  Json alone{{"verb", "detect"}};
  Json& detection =
      alone["detection"] = {{"train_class", "PNEUMONIA"}, {"images", 240}, {"weight", .2}};
  for (const char* key : {"auc", "mean_score", "roc"}) {
    detection["detectors"]["AnoGAN"][key] = none[key];
    detection["detectors"]["PCA"][key] = pca[key];
  }
  const auto page = anomaly_of(alone);
  CHECK_THAT(page, Contains("learnt <b>PNEUMONIA</b>") && Contains("<th>Detector</th>"));
  CHECK(occurrences(page, "<svg ") == 1);  // the ROC
  CHECK(occurrences(page, "<table") == 1);
  for (const char* text :
       {"Gap", "paper", "DeLong", "Training steps", "marked arms", "<h3>", "– "}) {
    INFO(text);
    CHECK(page.find(text) == std::string::npos);
  }
}
