// A study by one conditional GAN as a user runs it (paper 004): what is said of its fakes.

#include <catch2/catch.hpp>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "test/program/command.h"

using Catch::Contains;

namespace {

/// 24 small procedural slices a class; everything is tiny.
const std::string words =
    " --recipe brainct-cgan128 --quick --data 'phantom:head-ct?n=24&size=32' --set data.size=16 "
    "--set gan.width=2 --set gan.generator_width=2 --set gan.epochs=1 ";
const std::string study_words =
    "--set study.seeds=1 --set classifier.width=0.06 --set classifier.steps=2 "
    "--set classifier.evaluate_every=1 ";

}  // namespace

TEST_CASE("a study says whether the classes of a conditional GAN's fakes are seen") {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  ganymede_done("study" + words + study_words + "--out " + out);
  const auto run = run_json(out);
  for (const auto& [name, gan] : run.at("gan").items()) {
    CHECK(gan.at("conditional") == true);
    CHECK(gan.at("makes").size() == 2);
    const auto& confidence = gan.at("discriminator_confidence");
    CHECK(confidence.at("mean_fake") > 0.0);
    CHECK(confidence.at("mean_fake") < 1.0);
    CHECK(std::filesystem::exists(out + "/gan/conditional/seed0/generator.h5"));
  }
  const auto& seen = run.at("recognition").at("resnet18");
  CHECK(seen.at("arm") == "none");
  int fakes = 0;
  for (const auto& [name, both] : seen.at("classes").items()) {
    CHECK(both.at("fakes").at("n") == run.at("synthetic").at(name).at("made"));
    fakes += both.at("fakes").at("n").get<int>();
  }
  CHECK(seen.at("classes").size() == 2);
  CHECK(seen.at("accuracy").at("fakes").at("n") == fakes);
  CHECK(seen.at("accuracy").at("reals").at("n") == run.at("split").at("test"));
  CHECK(run.at("arms").contains("fakes-only"));
  CHECK_THAT(read_text(out + "/report.html"), Contains("id=\"recognition\""));
}

TEST_CASE("what no memory holds is refused before anything is trained") {
  const TemporaryFolder folder;
  const std::string out = folder / "run",
                    huge = "--set data.size=1024 --set gan.generator_width=1024 --out " + out;
  for (const char* verb : {"study", "train"}) {
    const Ran refused = ganymede_run(verb + words + huge);
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, Contains("GB of memory") && Contains("gan.generator_width"));
  }
  const Ran said = ganymede_run("train" + words + "--out " + out);
  CHECK(said.code == 0);
  CHECK_THAT(said.err, Contains("memory: about") && Contains("in training"));
}
