// The study of detectors, as a user runs it: arms, images made by search, what it leaves behind.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <ganymede/data/table.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

const std::string study =
    "study --recipe cxr-iagan64 --quick --data 'phantom:chest-xray?n=40&size=48' --set "
    "data.counts=none --set data.size=16 --set detect.train_class=normal --set detect.width=2 "
    "--set detect.epochs=2 --set detect.steps=4 --set detect.augment_steps=3 --set "
    "detect.at_once=8 --set gan.width=8 --set gan.epochs=1 --set study.bootstrap=200 ";

Json without_times(Json run) {
  run.erase("timing");
  for (auto& [name, gan] : run.at("gan").items()) gan.erase("images_per_second");
  return run;
}

}  // namespace

TEST_CASE("a study of detectors compares the arms, and goes on where it was stopped") {
  const TemporaryFolder folder;
  const std::string out = folder / "run",
                    command =
                        study + "--seeds 1 --arms none,anogan,gan,classic,oversample --out " + out;
  ganymede_done(command);
  const Json run = run_json(out), &detection = run.at("detection");
  const auto& detectors = detection.at("detectors");
  for (const char* arm : {"none", "anogan", "gan", "classic", "oversample", "PCA"}) {
    INFO(arm);
    const Json& auc = detectors.at(arm).at("auc");
    CHECK(auc.at("low") <= auc.at("value"));
    CHECK(auc.at("value") <= auc.at("high"));
    CHECK(detectors.at(arm).at("mean_score").size() == 2);
  }
  const int train = detectors.at("none").at("training_images").at("real"),
            rest = run.at("split").at("rest");
  const auto images = [&](const char* arm) {
    const Json& n = detectors.at(arm).at("training_images");
    return std::pair<int, int>(n.at("real"), n.at("generated"));
  };
  CHECK(images("anogan").first == train);
  CHECK(detection.at("augmentation").at("gan").at("of").size() == 2);  // from both classes
  CHECK(detection.at("augmentation").at("anogan").at("of").size() == 1);
  int kept = 0;
  for (const Json& row : detection.at("augmentation").at("gan").at("of"))
    kept += row.at("kept").get<int>();
  CHECK(images("gan").second == kept);
  // As many steps as if reals were repeated for every image that was searched for.
  CHECK(detectors.at("oversample").at("steps") > detectors.at("none").at("steps"));
  CHECK(detectors.at("classic").at("steps") == detectors.at("none").at("steps"));
  if (rest > 0) CHECK(detection.at("turned").size() == 3);
  CHECK(run.at("verdict").at("arm") == "gan");
  CHECK_THAT(run.at("verdict").at("sentence").get<std::string>(), Contains("Quick run"));
  const Table manifest = read_table(out + "/synthetic/manifest.csv");
  CHECK(manifest.column({"input"}) >= 0);
  for (const char* file : {"scores.csv", "augmented.csv", "report.html", "split.csv"})
    CHECK(fs::exists(out + "/" + file));
  // A second run finds everything done; one whose test search lost its last rows searches them.
  const std::string found = out + "/search/test/gan/seed0/found.csv", rows = read_text(found);
  std::size_t end = 0;
  for (int line = 0; line < 9; ++line) end = rows.find('\n', end) + 1;  // header and one batch
  std::ofstream(found) << rows.substr(0, end);
  fs::remove(out + "/run.json");
  ganymede_done(command);
  CHECK(read_text(found) == rows);
  CHECK(without_times(run_json(out)) == without_times(run));
}

TEST_CASE("unlabelled images augment too") {
  const TemporaryFolder folder;
  const std::string more = folder / "more", out = folder / "run";
  ganymede_done("phantom 'chest-xray?n=3&size=48&seed=5' --out " + folder / "made");
  fs::create_directories(more);
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "made"))
    if (entry.path().extension() == ".png")
      fs::copy(entry.path(), more + "/" + std::to_string(count++) + ".png");
  ganymede_done(study + "--seeds 1 --arms none,gan --inputs " + more + " --out " + out);
  const Json of = run_json(out).at("detection").at("augmentation").at("gan").at("of");
  const auto unlabelled =
      std::ranges::find_if(of, [](const Json& row) { return row.at("class") == "unlabelled"; });
  REQUIRE(unlabelled != of.end());
  CHECK(unlabelled->at("inputs") == count);
}

TEST_CASE("what only detectors have is refused elsewhere, and what they lack in their study") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& words, const std::string& text) {
    const Ran ran = ganymede_run(words + " --out " + folder / "run");
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, Contains(text));
    CHECK(!fs::exists(folder / "run"));
  };
  const std::string other = "study --recipe headct-dcgan32 --quick --data 'phantom:head-ct?n=30' ";
  refused(other + "--arms none,anogan", "'anogan' is an arm of detectors");
  refused(other + "--inputs " + folder.path(), "--inputs");
  refused(study + "--set study.metric=accuracy", "study.metric");
  refused(study + "--set balance.plan=fill", "balance.plan");
  refused(study + "--set 'select.by=[\"classifier\"]'", "select.by");
  refused(study + "--folds 3", "folds");
}
