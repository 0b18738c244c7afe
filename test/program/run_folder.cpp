#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>
#include <ganymede/tools/run_log.h>

#include <nlohmann/json.hpp>

#include "test/program/command.h"

using namespace ganymede;
using Catch::Contains;

TEST_CASE("the same settings continue a run, others are refused and leave it alone") {
  const TemporaryFolder folder;
  const std::string path = folder / "runs/one";
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  const std::vector<RunSetting> settings{{"data", "abc"}};
  CHECK(!RunFolder::open(path, recipe, settings).continued());
  CHECK(RunFolder::open(path, recipe, settings).continued());

  const std::string before = read_text(path + "/run.toml");
  CHECK(Recipe::load(path + "/run.toml").integer("gan.epochs") == 2500);
  recipe.set("gan.epochs=5");
  CHECK_THROWS_WITH(RunFolder::open(path, recipe, {{"data", "xyz"}}),
                    Contains("gan.epochs is 2500 there and 5 here") && Contains("run.data"));
  CHECK_THROWS_AS(RunFolder::open(path, recipe, settings), SettingError);
  CHECK(read_text(path + "/run.toml") == before);
}

TEST_CASE("of other data it is said what is known to differ") {
  const TemporaryFolder folder;
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  const std::string path = folder / "run", older = folder / "older";
  const auto open = [&](const std::string& where, const RunSetting& data) {
    RunFolder::open(where, recipe, {data});
  };
  open(path, {"data", "abc", "40 images of /set"});
  CHECK_THROWS_WITH(open(path, {"data", "xyz", "41 images of /set"}),
                    Contains("the data is not the one that this run was begun with (run.data): 40 "
                             "images of /set then, 41 images of /set now") &&
                        !Contains("abc"));
  CHECK_THROWS_WITH(open(path, {"data", "xyz", "40 images of /set"}),
                    Contains("40 images of /set then and now, but pixels, labels"));
  CHECK_NOTHROW(open(path, {"data", "abc", "40 images of /moved"}));  // the same data elsewhere
  open(older, {"data", "abc", ""});  // begun before the words were noted
  CHECK_THROWS_WITH(open(older, {"data", "xyz", "41 images of /set"}),
                    Contains("(run.data): 41 images of /set now"));
  open(folder / "odd", {"data", "abc", "1 image of /a\nb = 2"});
  CHECK_NOTHROW(open(folder / "odd", {"data", "abc", ""}));
  open(folder / "latin", {"data", "abc", "1 image of /K\xf6pfe"});
  CHECK_NOTHROW(open(folder / "latin", {"data", "abc", "1 image of /K\xf6pfe"}));
}

TEST_CASE("of other unlabelled images it is said like of other data") {
  const TemporaryFolder folder;
  const Recipe recipe = Recipe::shipped("cxr-iagan64");
  const std::string path = folder / "run", older = folder / "older";
  RunFolder::open(path, recipe, {{"inputs", "abc", "40 images of /more"}});
  CHECK_THROWS_WITH(RunFolder::open(path, recipe, {{"inputs", "xyz", "39 images of /more"}}),
                    Contains("the inputs are not the ones that this run was begun with "
                             "(run.inputs): 40 images of /more then, 39 images of /more now"));
  RunFolder::open(older, recipe, {{"inputs", "/more"}});  // begun when the folder's name was noted
  CHECK_THROWS_WITH(RunFolder::open(older, recipe, {{"inputs", "abc", "40 images of /more"}}),
                    Contains("(run.inputs): 40 images of /more now"));
}

TEST_CASE("of many differences the command line's and the first few are named") {
  const TemporaryFolder folder;
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  RunFolder::open(folder / "run", recipe, {{"quick", "false"}});
  recipe.apply_quick();
  CHECK_THROWS_WITH(RunFolder::open(folder / "run", recipe, {{"quick", "true"}}),
                    Contains("other settings: run.quick is \"false\" there") &&
                        Contains("; and ") && Contains(" more. Take another --out") &&
                        !Contains("study.seeds"));
}

TEST_CASE("a folder that holds something else, or is a file, is refused") {
  const TemporaryFolder folder;
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  write_text(folder / "letter.txt", "mine");
  CHECK_THROWS_WITH(RunFolder::open(folder.path(), recipe, {}), Contains("nothing was touched"));
  CHECK_THROWS_AS(RunFolder::open(folder / "letter.txt", recipe, {}), SettingError);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a run that was killed before it wrote anything starts anew") {
  const TemporaryFolder folder;
  write_text(folder / ".lock", "");
  write_text(folder / "run.toml.tmp", "half a");
  CHECK(!RunFolder::open(folder.path(), Recipe::shipped("headct-dcgan32"), {}).continued());
}

TEST_CASE("only one process works in a run folder") {
  const TemporaryFolder folder;
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  const RunFolder open = RunFolder::open(folder / "run", recipe, {});
  CHECK_THROWS_WITH(RunFolder::open(folder / "run", recipe, {}), Contains("another process"));
}

TEST_CASE("a folder that cannot be made is a FileError") {
  CHECK_THROWS_AS(RunFolder::open("/proc/ganymede/run", Recipe::shipped("headct-dcgan32"), {}),
                  FileError);
}

TEST_CASE("the log keeps every process's lines and survives a cut one") {
  const TemporaryFolder folder;
  const std::string path = folder / "run";
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  RunLog(RunFolder::open(path, recipe, {})).add("gan/a", {{"speed", 1.5}});
  write_text(path + "/log.jsonl", read_text(path + "/log.jsonl") + "{\"what\": \"gan/a\", \"spe\n");
  const RunFolder again = RunFolder::open(path, recipe, {});
  const RunLog log(again);
  log.add("gan/a", {{"iteration", 3}});
  log.add("gan/b", {{"speed", 7}});
  CHECK(log.last("gan/a", "speed") == 1.5);
  CHECK(log.last("gan/a", "iteration") == 3);
  CHECK(log.last("gan/c", "speed").is_null());
}
