// The simple verbs, run as a person runs them.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "test/program/command.h"

using Catch::Contains;
namespace fs = std::filesystem;

TEST_CASE("help and version") {
  CHECK(ganymede_run("--version").out == "ganymede 0.1.0\n");
  CHECK(ganymede_run("--help").code == 0);
  for (const char* verb : {"study", "train", "sample", "classify", "classify train",
                           "classify test", "detect", "score", "blind", "inspect", "recipe",
                           "recipe list", "recipe show", "data", "phantom", "doctor"}) {
    INFO(verb);
    const Ran help = ganymede_run(std::string(verb) + " --help");
    CHECK(help.code == 0);
    CHECK_THAT(help.out, Contains("Example:\n  ganymede " + std::string(verb).substr(0, 4)));
  }
}

TEST_CASE("a word that does not fit is named, with the nearest one that does where one is near") {
  const auto says = [](const std::string& words, const std::string& text) {
    const Ran ran = ganymede_run(words);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, Contains(text));
  };
  says("", "a verb is missing; `ganymede --help`");
  says("recpie list", "no verb 'recpie'; did you mean 'recipe'?");
  says("recpie --help", "no verb 'recpie'");
  says("recipe lst", "no verb 'lst'; did you mean 'list'? `ganymede recipe --help`");
  says("recipe", "a verb is missing; `ganymede recipe --help`");
  says("recipe show", "NAME is required");
  says("recipe show nope", "no recipe 'nope'; `ganymede recipe list` names all");
  says("recipe show headct", "did you mean 'headct-dcgan32'?");
  says("recipe show headct-dcgan32 --set nope=1", "unknown key 'nope'; `ganymede recipe show");
  says("recipe show headct-dcgan32 --set gan.loss=wasserstien",
       "'gan.loss' is 'wasserstien'; did you mean 'wasserstein'? it can be bce, ");
  // An option that is required is missing because it is misspelt: that is the one to name.
  says("study --dta x", "no option '--dta'; did you mean '--data'? `ganymede study --help`");
  says("data --jsn=1 x", "no option '--jsn'; did you mean '--json'?");
  says("--versoin", "no option '--versoin'; did you mean '--version'?");
  says("data --nothing x", "no option '--nothing'; `ganymede data --help` names all");
  says("classify --quick train", "no option '--quick'; `ganymede classify --help`");
  says("data x y", "'y' is a word too many");
  says("study --data", "--data wants a value");
  says("study --data a --data b", "--data is given more than once");
  says("study --data x --seeds many", "--seeds: 'many' is no whole number");
}

TEST_CASE("study without a recipe names the one that fits the data") {
  const TemporaryFolder folder;
  CHECK(ganymede_run("phantom 'chest-xray?n=4&size=40' --layout chest-xray-pneumonia --out " +
                     (folder / "chests"))
            .code == 0);
  const Ran known = ganymede_run("study --data " + (folder / "chests"));
  CHECK(known.code == 2);
  CHECK_THAT(known.err, Contains("cxr-dcgan128 fits") && Contains("--recipe cxr-dcgan128 --out"));
  CHECK_THAT(ganymede_run("study --data 'phantom:head-ct?n=4'").err,
             Contains("--data 'phantom:head-ct?n=4' --recipe headct-dcgan32"));
}

TEST_CASE("of a colour set a recipe of colour images is named, and the command does") {
  const TemporaryFolder folder;
  const std::string set = folder / "it's colour", data = "--data \"" + set + "\"";
  ganymede_done("phantom 'fundus?n=20&size=40' --layout folders --out \"" + set + "\"");
  const std::string options = " --quick --seeds 2 --arms none,gan --device cpu --plan";
  const Ran named = ganymede_run("study " + data + options + " --set gan.epochs=1");
  CHECK(named.code == 2);
  CHECK_THAT(named.err, Contains("5 classes) retina-wgan64 fits") &&
                            Contains("--quick --set data.counts=none --set select.keep=none --set "
                                     "gan.epochs=1 --arms none,gan --seeds 2 --device cpu --plan"));
  const std::string program = "ganymede study ";
  const std::string command = named.err.substr(named.err.find(program));
  const Ran plan =
      ganymede_done("study " + command.substr(program.size(), command.find('\n') - program.size()));
  CHECK_THAT(plan.out, Contains("100 images") && Contains("arms        none, gan; 2 seeds"));
  for (const char* grade : {"/2", "/3", "/4"}) fs::remove_all(set + grade);
  CHECK_THAT(ganymede_run("study " + data).err,
             Contains("2 classes) retina-wgan64") && Contains("--set study.metric=auc --out runs"));
  fs::remove_all(set + "/1");
  CHECK_THAT(ganymede_run("study " + data).err, Contains("a study needs"));
}

TEST_CASE("recipe show prints a recipe that can be given again") {
  const TemporaryFolder folder;
  const Ran shown = ganymede_run("recipe show headct-dcgan32 --set gan.epochs=7");
  CHECK(shown.code == 0);
  write_text(folder / "mine.toml", shown.out);
  const Ran again = ganymede_run("recipe show " + (folder / "mine.toml"));
  CHECK(again.code == 0);
  CHECK_THAT(again.out, Contains("epochs = 7 "));
  CHECK_THAT(ganymede_run("recipe list").out, Contains("headct-dcgan32"));
  CHECK_THAT(ganymede_run("recipe show headct-dcgan32 --quick").out, Contains("# --quick: "));
}

TEST_CASE("a misspelt key: 3 where it came from a file, 2 where it was typed") {
  const TemporaryFolder folder;
  write_text(folder / "bad.toml", "base = \"headct-dcgan32\"\n[gan]\nepoch = 3\n");
  const Ran file = ganymede_run("recipe show " + (folder / "bad.toml"));
  CHECK(file.code == 3);
  CHECK_THAT(file.err, Contains("bad.toml' line 3") && Contains("did you mean 'gan.epochs'?"));
  CHECK(ganymede_run("recipe show headct-dcgan32 --set gan.epoch=3").code == 2);
  CHECK(ganymede_run("recipe show headct-dcgan23").code == 2);
  CHECK(ganymede_run("recipe show missing.toml").code == 3);
}

TEST_CASE("a phantom set is written and read back in each layout") {
  const TemporaryFolder folder;
  for (const char* layout : {"folders", "labels.csv", "head-ct-hemorrhage"}) {
    INFO(layout);
    const std::string path = folder / layout;
    CHECK(
        ganymede_run("phantom 'head-ct?n=6&size=48' --out " + path + " --layout " + layout).code ==
        0);
    const Ran data = ganymede_run("data " + path + " --json");
    REQUIRE(data.code == 0);
    const auto json = nlohmann::json::parse(data.out);
    CHECK(json["images"] == 12);
    CHECK(json["classes"].size() == 2);
    CHECK(json["layout"] == layout);
    CHECK(ganymede_run("phantom head-ct --out " + path).code == 3);
  }
  const std::string eyes = folder / "eyes";
  CHECK(ganymede_run("phantom 'fundus?n=4&size=48' --out " + eyes + " --layout eyepacs").code == 0);
  const auto json = nlohmann::json::parse(ganymede_run("data " + eyes + " --json").out);
  CHECK(json["images"] == 20);
  CHECK(json["classes"].size() == 5);
  CHECK(json["patients"] == 10);
  const std::string chests = folder / "chests";
  CHECK(ganymede_run("phantom 'chest-xray?n=12&size=48' --layout chest-xray-pneumonia --out " +
                     chests)
            .code == 0);
  const Ran xrays = ganymede_run("data " + chests);
  CHECK_THAT(xrays.out, Contains("layout chest-xray-pneumonia, 24 images") &&
                            Contains("12 patients, 12 groups") && Contains("__MACOSX"));
  const Ran unfit =
      ganymede_run("phantom fundus --layout head-ct-hemorrhage --out " + (folder / "x"));
  CHECK(unfit.code == 2);
  CHECK_THAT(unfit.err, Contains("messidor-2, aptos, eyepacs, idrid"));
  CHECK(ganymede_run("phantom foot-ct --out " + (folder / "x")).code == 2);
  CHECK(ganymede_run("phantom head-ct --layout none --out " + (folder / "x")).code == 2);
}

TEST_CASE("data says what it skips and what belongs together") {
  const TemporaryFolder folder;
  const std::string path = folder / "set";
  CHECK(ganymede_run("phantom 'head-ct?n=6&size=48' --out " + path).code == 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.path().extension() != ".png") continue;
    std::filesystem::copy(entry.path(), entry.path().parent_path() / "copy.png");
    break;
  }
  write_text(path + "/notes.pdf", "no picture");
  const Ran data = ganymede_run("data " + path);
  CHECK(data.code == 0);
  CHECK_THAT(data.out, Contains("duplicates:") && Contains("copy.png") && Contains("notes.pdf"));
  CHECK_THAT(data.out, Contains("1 redundant (normal 1, hemorrhage 0)") ||
                           Contains("1 redundant (normal 0, hemorrhage 1)"));
}

TEST_CASE("doctor names the devices and what is missing") {
  const Ran doctor = ganymede_run("doctor");
  CHECK(doctor.code == 0);
  CHECK_THAT(doctor.out, Contains("cpu ") && Contains("HDF5") && Contains("missing"));
}
