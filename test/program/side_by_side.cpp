// --gans-at-once: GANs that take turns are the GANs that are trained one after the other.

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "test/program/command.h"

using Catch::Matchers::Contains;

namespace {

const std::string study =
    "study --recipe headct-dcgan32 --quick --data 'phantom:head-ct?n=24&size=40' --set "
    "study.arms=none,gan --set study.seeds=2 --set gan.epochs=2 --set gan.width=4 --set "
    "gan.ema=0.9 --set classifier.networks=resnet18 --set classifier.width=0.06 --set "
    "classifier.steps=2 --set classifier.evaluate_every=1 --set study.bootstrap=200 --out ";

/// Everything that a person gets of the fakes.
std::string results_of(const std::string& out) {
  nlohmann::json run = run_json(out);
  for (auto& gan : run.at("gan")) gan.erase("images_per_second");
  return run.at("gan").dump(1) + run.at("arms").dump(1) +
         read_text(out + "/synthetic/manifest.csv") +
         read_text(out + "/gan/hemorrhage/seed1/generator.h5");
}

}  // namespace

TEST_CASE("a study whose GANs train side by side finds what one after the other finds") {
  const TemporaryFolder folder;
  const Ran alone = ganymede_done(study + (folder / "alone")),
            turns = ganymede_done(study + (folder / "turns") + " --gans-at-once 3");
  CHECK_THAT(turns.err, Contains("seed1, gan hemorrhage"));
  CHECK(results_of(folder / "alone") == results_of(folder / "turns"));
}
