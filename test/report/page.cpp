#include "run_page.h"
#include "sample_run.h"

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/error.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/report/svg_canvas.h>
#include <ganymede/tools/report/words.h>

#include <catch2/catch.hpp>
#include <cmath>

#include <nlohmann/json.hpp>

using namespace ganymede;
using namespace ganymede::report;
using Catch::Matchers::Contains;
using test::occurrences;
namespace fs = std::filesystem;

namespace {

struct SampleFolder : test::RunFolder {
  SampleFolder() : RunFolder(test::write_sample_run) {}
};

}  // namespace

TEST_CASE("the page has every section, in the order of the answer first") {
  const auto page = SampleFolder().page();
  std::size_t last = page.find("Quick run, not evidence:");
  REQUIRE(last != std::string::npos);
  for (const char* id : {"arms", "detection", "images", "training", "confusion", "roc", "audit",
                         "split", "settings", "record"}) {
    const auto at = page.find(std::string("<section id=\"") + id + "\"");
    INFO(id);
    REQUIRE(at != std::string::npos);
    CHECK(at > last);
    last = at;
  }
  for (const char* text :
       {"classic+gan", "188, 189", "198, 199", "011, 061", "gan.epochs", "2,500", "COPIES",
        "minimum", "329,601", "oneDNN", "7.90 to 9.02",
        "1.289 on 768 features of Inception: not comparable", "in oriented gradients"})
    CHECK_THAT(page, Contains(text));
}

TEST_CASE("the page stands alone: pictures inside, nothing loaded, no script") {
  const auto page = SampleFolder().page();
  CHECK(occurrences(page, "<img src=\"data:image/png;base64,") == 10);
  CHECK(occurrences(page, "<svg ") == 11);  // answer, arms, 2 losses, 4 confusions, ROC, 2 audits
  CHECK(occurrences(page, "alt=\"") == occurrences(page, "<img "));
  CHECK(occurrences(page, "role=\"img\" aria-label=\"") == occurrences(page, "<svg "));
  for (const char* outside : {"http://", "https://", "<script", "@import", "url(", "file:"}) {
    INFO(outside);
    CHECK(page.find(outside) == std::string::npos);
  }
  const int references = occurrences(page, "src=\"") + occurrences(page, "href=\"");
  CHECK(references == occurrences(page, "src=\"data:") + occurrences(page, "href=\"data:") +
                          occurrences(page, "href=\"#"));
  CHECK(page.find("{{") == std::string::npos);
  CHECK(page.find("nan") == std::string::npos);
}

TEST_CASE("text from the data is escaped") {
  const auto page = SampleFolder().page();
  CHECK_THAT(page, Contains("normal &lt;none&gt;"));
  CHECK_THAT(page, Contains("head-ct &lt;b&gt;&amp;&quot;quoted&quot;&lt;/b&gt;"));
  CHECK(page.find("<none>") == std::string::npos);
}

TEST_CASE("the same run gives the same page") {
  const SampleFolder folder;
  CHECK(folder.page() == folder.page());
}

TEST_CASE("each part of run.json may be missing") {
  const SampleFolder folder;
  const auto run = test::sample_run();
  for (const auto& [key, value] : run.items()) {
    INFO(key);
    auto less = run;
    less.erase(key);
    CHECK_THAT(report_page(less.dump(), folder.path), Contains("</html>"));
    less[key] = nullptr;
    CHECK_THAT(report_page(less.dump(), folder.path), Contains("</html>"));
    const Json alone{{key, value}};
    const auto page = report_page(alone.dump(), folder.path);
    CHECK_THAT(page, Contains("</html>"));
    CHECK(page.find("{{") == std::string::npos);
  }
  const auto empty = report_page("{}", folder.path);
  CHECK(empty.find("<section") == std::string::npos);
}

TEST_CASE("a GAN trained alone: its pictures, and no columns of what was not measured") {
  const SampleFolder folder;
  const auto study = test::section(folder.page(), "training");
  CHECK_THAT(study, Contains("Fréchet distance<br>") && Contains("How near the kept fakes are"));
  auto gan = test::sample_run().at("gan").front();
  gan.erase("frechet");
  gan["pictures"] = {{{"path", "pictures/fakes.png"}, {"caption", "What it makes"}},
                     {{"path", "pictures/none.png"}, {"caption", "Not there"}}};
  fs::create_directories(folder.path / "pictures");
  write_png((folder.path / "pictures/fakes.png").string(), Image(4, 4, 1));
  const Json run{{"verb", "train"}, {"gan", {{"all", gan}}}};
  const auto alone = test::section(report_page(run.dump(), folder.path), "training");
  CHECK(occurrences(alone, "<img src=\"data:image/png;base64,") == 1);
  CHECK_THAT(alone, Contains("<figcaption>What it makes</figcaption>") && !Contains("Not there") &&
                        Contains("How varied the samples are") && !Contains("Fréchet") &&
                        Contains("Diversity is the mean distance"));
}

TEST_CASE("levels in words are those of the settings") {
  auto run = test::sample_run();
  const auto section = [&](const char* id) {
    return test::section(report_page(run.dump(), "nowhere"), id);
  };
  CHECK_THAT(section("arms"), Contains("the 95 % interval"));
  CHECK_THAT(section("audit"), Contains("closest 1 % of reals"));
  run["settings"]["study"]["alpha"] = .2;
  run["settings"]["audit"]["percentile"] = .05;
  CHECK_THAT(section("arms"), Contains("the 80 % interval"));
  CHECK_THAT(section("detection"), Contains(", 80 % interval 0.580 to 0.970"));
  CHECK_THAT(section("audit"), Contains("closest 5 % of reals") && !Contains("closest 1 %"));
  CHECK_THAT(report_page(run.dump(), "nowhere"), Contains("the line its 80 % interval") &&
                                                     Contains("<th>80 % interval</th>") &&
                                                     !Contains("<th>95 % interval</th>"));
}

TEST_CASE("folds: all images were tested, and what is the first fold's is said to be") {
  auto run = test::sample_run();
  const auto section = [&](const char* id) {
    return test::section(report_page(run.dump(), "nowhere"), id);
  };
  CHECK_THAT(section("detection"), Contains("<p>22 test images, ") && !Contains("fold"));
  CHECK_THAT(section("split"), !Contains("fold"));
  run["folds"] = 3;
  run["floor"]["statistic"] = {"mean", "minimum", "mean"};
  CHECK_THAT(section("detection"),
             Contains("<p>200 test images over 3 folds, ") &&
                 Contains("<b>mean, minimum, mean</b> (chosen fold by fold) of an image"));
  CHECK_THAT(section("split"),
             Contains("The first of 3 folds") && Contains("Part in the first fold"));
}

TEST_CASE("the floor of several folds: what each chose, the AUC of all") {
  const quality::PixelFloor mean{"mean", true, .8, .9, {}}, minimum{"minimum", false, .6, .4, {}};
  quality::BootstrapResult auc;
  auc.estimate = .7;
  auc.interval = {.5, .85};
  const auto one = floor_json(std::vector{mean}, auc);
  CHECK(one["statistic"] == "mean");
  CHECK(one["higher_is_positive"] == true);
  const auto two = floor_json(std::vector{mean, minimum}, auc);
  CHECK(two["statistic"] == Json::array({"mean", "minimum"}));
  CHECK(two["higher_is_positive"].is_null());
  CHECK(number_at(two, "development_auc") == Approx(.7));
  CHECK(number_at(two, "auc") == .7);
  CHECK(two["interval"] == Json::array({.5, .85}));
}

TEST_CASE("who straddles a split that was kept is listed, and duplicates are not called together") {
  auto run = test::sample_run();
  const auto split = [&] { return test::section(report_page(run.dump(), "nowhere"), "split"); };
  run["split"]["straddling"] = Json::array();
  CHECK_THAT(split(),
             Contains("Duplicates, each group kept in one part") && !Contains("In several parts"));
  run["split"]["straddling"] = {"patient <7>: a.png (test), b.png (train)"};
  CHECK_THAT(split(), Contains("<caption>Duplicates</caption>") &&
                          Contains("In several parts of the split that the images came with: 1") &&
                          Contains("patient &lt;7&gt;: a.png (test), b.png (train)"));
}

TEST_CASE("pictures that are not there are left out, paths outside the folder refused") {
  const SampleFolder folder;
  fs::remove_all(folder.path / "synthetic");
  CHECK(folder.page().find("<img") == std::string::npos);
  CHECK_THROWS_AS(picture_uri(folder.path, "../secret.png"), DataError);
  CHECK_THROWS_AS(picture_uri(folder.path, "/etc/passwd"), DataError);
}

TEST_CASE("a missing or damaged run.json is an error that names it") {
  const SampleFolder folder;
  CHECK_THROWS_WITH(report_page("{\"verb\":", folder.path), Contains("run.json"));
  fs::remove(folder.path / "run.json");
  CHECK_THROWS_AS(write_report(folder.path), FileError);
}

TEST_CASE("base64 by RFC 4648's examples") {
  const auto encode = [](std::string_view text) {
    return base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  CHECK(encode("") == "");
  CHECK(encode("f") == "Zg==");
  CHECK(encode("fo") == "Zm8=");
  CHECK(encode("foobar") == "Zm9vYmFy");
}

TEST_CASE("ticks are round and cover the range") {
  CHECK(nice_ticks(0, 1, 5) == std::vector<double>{0, .2, .4, .6000000000000001, .8, 1});
  const auto ticks = nice_ticks(-.13, .31);
  CHECK(ticks.front() == Approx(-.1));
  CHECK(tick_label(ticks[1], ticks) == "0.0");
  CHECK(tick_label(-.1, ticks) == "−0.1");
  CHECK(tick_label(12500, {0, 2500}) == "12,500");
  CHECK(nice_ticks(1, 1).size() == 1);
}

TEST_CASE("words for numbers") {
  CHECK(with_sign(.0413) == "+0.041");
  CHECK(with_sign(-.2, 1) == "−0.2");
  CHECK(fixed(std::nan("")) == "–");
  CHECK(thousands(4870785) == "4,870,785");
  CHECK(duration(.25) == "250 ms");
  CHECK(duration(402.7) == "6 min 43 s");
  CHECK(duration(7500) == "2 h 5 min");
  CHECK(in_words(Json::array({1, "a", nullptr, 2.5})) == "1, a, –, 2.5");
}

TEST_CASE("pairs: under each row of fakes its nearest images") {
  Image white(2, 2, 1), black(2, 2, 1);
  for (std::size_t i = 0; i < white.size(); ++i) white.set(i, 255);
  const auto grid = paired_grid({white, white, white}, {black, black, black}, 2, 0);
  CHECK((grid.height() == 8 && grid.width() == 4));
  CHECK(grid.at(0, 3) == 255);
  CHECK(grid.at(2, 0) == 0);
  CHECK(grid.at(4, 0) == 255);
  CHECK(grid.at(4, 2) == 0);  // padding of the half-filled row
  CHECK_THROWS_AS(paired_grid({white}, {}, 2), ShapeError);
}
