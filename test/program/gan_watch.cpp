// [watch] as a person meets it, and which classes have a GAN at all.

#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "test/program/command.h"

using Catch::Matchers::Contains;

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

const std::string tiny_on =
    "--recipe cxr-dcgan128 --quick --set data.split=stratified --set data.size=32 --set "
    "gan.width=1 --set gan.latent=4 --set gan.epochs=3 --set "
    "watch.every=2 --set data.fractions=[0.3,0.6,0.1] --data ";
const std::string tiny = tiny_on + "'phantom:chest-xray?n=100&size=32' ";

}  // namespace

TEST_CASE("train learns from the training part, of one class and of all") {
  const TemporaryFolder folder;
  const std::string all = folder / "all", more = folder / "more", set = folder / "set";
  const Ran ran = ganymede_done("train " + tiny + "--set watch.every=0 --out " + all);
  const int images = run_json(all).at("data").at("images");
  CHECK_THAT(ran.err,
             Contains(std::to_string(images) + " images at ") && Contains(", the training part\n"));
  const Ran plan = ganymede_done("study --plan --arms none " + tiny);
  CHECK_THAT(plan.out, Contains("train       " + std::to_string(images) + " ("));
  // Without labels there are no parts.
  ganymede_done("phantom 'head-ct?n=4&size=40' --layout folders --out " + set);
  fs::create_directories(folder / "flat");
  int i = 0;
  for (const auto& entry : fs::recursive_directory_iterator(set))
    if (entry.path().extension() == ".png")
      fs::copy_file(entry.path(), folder / "flat" + "/" + std::to_string(i++) + ".png");
  const Ran flat =
      ganymede_done("train " + tiny_on + folder / "flat" + " --set watch.every=0 --out " + more);
  CHECK_THAT(flat.err, Contains("8 images at ") && Contains("all of the set: it has no labels"));
}

TEST_CASE("the report of train shows what the GAN learnt from and makes, and no empty columns") {
  const TemporaryFolder folder;
  const std::string out = folder / "run", report = out + "/report.html";
  ganymede_done("train " + tiny + "--set watch.every=0 --out " + out);
  CHECK(fs::exists(out + "/pictures/all-real.png"));
  CHECK(fs::exists(out + "/pictures/all-samples.png"));
  CHECK_THAT(read_text(report), Contains("<figcaption>Real images it learnt from</figcaption>") &&
                                    Contains("<figcaption>What it makes</figcaption>") &&
                                    Contains("How varied the samples are") &&
                                    !Contains("Fréchet distance<br>"));
}

TEST_CASE("a training begun on all parts does not go on with the training part alone") {
  const TemporaryFolder folder;
  const std::string out = folder / "run",
                    words = "train " + tiny + "--set watch.every=0 --out " + out;
  ganymede_done(words);
  ganymede_done(words);
  std::string settings = read_text(out + "/run.toml");
  const auto line = settings.find("learns_from = ");
  REQUIRE(line != std::string::npos);
  settings.erase(line, settings.find('\n', line) + 1 - line);  // as older versions wrote it
  write_text(out + "/run.toml", settings);
  const Ran ran = ganymede_run(words);
  CHECK(ran.code == 2);
  CHECK_THAT(ran.err, Contains("run.learns_from is not set there and \"the training part\" here"));
}

TEST_CASE("train looks at held-out images, notes what it finds and keeps the best generator") {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  ganymede_done("train " + tiny + "--class normal --set watch.keep_best=true --out " + out);
  const Json run = run_json(out), &gan = run.at("gan").at("normal"), &watch = gan.at("watch");
  const auto iteration = watch.at("iteration").get<std::vector<int>>();
  const auto kid = watch.at("kid").get<std::vector<double>>();
  CHECK(iteration == std::vector<int>{2, 3});  // 30 images in batches of 32
  REQUIRE(kid.size() == 2);
  for (double k : kid) CHECK(k > 0.01);  // far from chests
  CHECK(watch.at("n") == 60);
  CHECK_THAT(watch.at("feature").get<std::string>(), Contains("oriented gradients"));
  CHECK(watch.at("kept") == iteration[kid[1] < kid[0] ? 1 : 0]);
  CHECK(watch.at("ended_early") == false);
  CHECK_THAT(read_text(out + "/log.jsonl"), Contains("watch_kid"));
  CHECK_THAT(read_text(out + "/report.html"), Contains("KID to 60 held-out reals"));
  CHECK(run.at("versions").at("kernels") == "own");

  const std::string plain = folder / "plain", few = folder / "few";
  ganymede_done("train " + tiny + "--class normal --set watch.every=0 --out " + plain);
  const Json unwatched = run_json(plain).at("gan").at("normal");
  CHECK(!unwatched.contains("watch"));
  CHECK(unwatched.at("losses") == gan.at("losses"));
  ganymede_done("train " + tiny + "--class normal --set data.fractions=[0.6,0.3,0.1] --out " + few);
  CHECK_THAT(run_json(few).at("gan").at("normal").at("watch").at("reason").get<std::string>(),
             Contains("30 images are held out"));
  CHECK_THAT(read_text(few + "/report.html"), Contains("not watched while it trained"));
}

TEST_CASE("keeping the best or giving up wants looks") {
  const TemporaryFolder folder;
  for (const std::string key : {"watch.keep_best=true", "watch.patience=3"}) {
    const Ran ran = ganymede_run("train " + tiny + "--class normal --set watch.every=0 --set " +
                                 key + " --out " + (folder / "run"));
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, Contains("set watch.every above 0"));
    CHECK(!fs::exists(folder / "run"));
  }
}

TEST_CASE("no GAN is trained for a class that wants no fakes, and images need not be square") {
  const TemporaryFolder folder;
  const std::string out = folder / "run",
                    study = "study " + tiny +
                            "--seeds 1 --arms none,gan --set balance.plan=fixed --set "
                            "balance.fakes=[20,0] --set study.bootstrap=200 --set "
                            "classifier.steps=4 --set classifier.evaluate_every=2 --set "
                            "classifier.input=32 --set data.columns=48 --set "
                            "study.features=gradients ";
  const Ran refused = ganymede_run(study + "--out " + out);
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err, Contains("data.pad_square = false"));
  const Ran plan = ganymede_run(study + "--set data.pad_square=false --plan");
  CHECK_THAT(plan.out, Contains("1 GAN (3 iterations)"));
  ganymede_done(study + "--set data.pad_square=false --out " + out);
  const Json run = run_json(out);
  REQUIRE(run.at("gan").size() == 1);
  CHECK(run.at("gan").at("normal").at("watch").at("kid").size() == 2);
  CHECK(run.at("synthetic").at("normal").at("kept") == 20);
  const Json &distance = run.at("gan").at("normal").at("frechet"),
             &audit = run.at("audit").at("normal");
  CHECK_THAT(distance.at("reason").get<std::string>(), Contains("20 images a side"));
  CHECK(distance.at("paper").at("value") == 1.289);
  CHECK(distance.at("paper").at("comparable") == false);
  CHECK(audit.at("features").at("name") == "oriented gradients");
  CHECK(audit.at("features").at("distances").at("fakes").size() == audit.at("fakes"));
  CHECK(fs::exists(out + "/" + audit.at("pairs").get<std::string>()));
  const std::string other = run.at("data").at("positive");
  CHECK(other != "normal");
  CHECK(run.at("synthetic").at(other).at("made") == 0);
  CHECK(!run.at("audit").contains(other));
  CHECK(!fs::exists(out + "/gan/" + other));
}
