// A split that the images came with, as a user keeps it: who straddles it is said before anything
// is trained, and kept in the record.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "test/program/command.h"

using Catch::Contains;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

/// A made copy of Kaggle's chest X-rays below the folder: 2 x 30 small images of 30 patients.
std::string made_copy(const TemporaryFolder& folder) {
  const std::string set = folder / "set";
  ganymede_done("phantom 'chest-xray?n=30&size=48' --layout chest-xray-pneumonia --out " + set);
  return set;
}

/// The second image of a patient of two moves into the test part.
void make_straddle(const std::string& set) {
  const std::string image = "/NORMAL/NORMAL2-IM-0001-0002.jpeg";
  fs::rename(set + "/chest_xray/train" + image, set + "/chest_xray/test" + image);
}

const std::string straddler =
    "patient NORMAL2-IM-0001: chest_xray/test/NORMAL/NORMAL2-IM-0001-0002.jpeg (test), "
    "chest_xray/train/NORMAL/NORMAL2-IM-0001-0001.jpeg (train)";

std::string study_of(const std::string& set) {
  return "study --recipe headct-dcgan32 --quick --data " + set +
         " --set data.split=published --set data.counts=none --set study.arms=[none] "
         "--set study.seeds=1 --set classifier.networks=resnet18 "
         "--set classifier.width=0.06 --set classifier.steps=2 --set classifier.evaluate_every=1 "
         "--set classic.strengths=[1.0] ";
}

}  // namespace

TEST_CASE("nobody straddles the published split of the chest X-rays, and that is said") {
  const TemporaryFolder folder;
  const std::string set = made_copy(folder), out = folder / "run";
  CHECK_THAT(ganymede_run("data " + set).out, Contains("0 patients straddle its parts"));
  CHECK(Json::parse(ganymede_run("data --json " + set).out).at("straddling").empty());
  const Ran ran = ganymede_done(study_of(set) + "--out " + out);
  const std::string sentence =
      "the split that the images came with is kept: 0 patients straddle its parts";
  CHECK_THAT(ran.err, Contains("note        " + sentence));  // the plan
  const Json run = run_json(out);
  CHECK(run.at("split").at("straddling") == Json::array());
  CHECK(run.at("split").at("test") == 12);
  const Json& notes = run.at("notes");
  CHECK(std::ranges::find(notes, Json(sentence)) != notes.end());
  CHECK_THAT(read_text(out + "/report.html"), Contains(sentence));
}

TEST_CASE("a patient of a made copy who straddles its published split is named") {
  const TemporaryFolder folder;
  const std::string set = made_copy(folder), out = folder / "run";
  make_straddle(set);
  const Ran data = ganymede_run("data " + set);
  CHECK_THAT(data.out, Contains("1 patient straddles its parts") && Contains(straddler));
  const Ran plan = ganymede_run(study_of(set) + "--plan");
  CHECK_THAT(plan.out, Contains("1 patient straddles its parts") && Contains(straddler));
  ganymede_done(study_of(set) + "--out " + out);
  CHECK(run_json(out).at("split").at("straddling") == Json::array({straddler}));
  CHECK_THAT(read_text(out + "/report.html"), Contains(straddler));
  // A split of one's own keeps the patient together.
  const Ran own = ganymede_run(study_of(set) + "--set data.split=stratified --plan");
  REQUIRE(own.code == 0);
  CHECK_THAT(own.out, !Contains("straddle"));
}
