// What a detector is worth where the answer is known: opacities that nobody overlooks, and classes
// without meaning.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "test/program/command.h"

namespace {

struct Auc {
  double value, low, high;
};

/// AnoGAN's, learnt from 430 or so images of the normal class at the quick size. The recipe's quick
/// epochs are for the published set's 3,237 images; 120 make 3,240 iterations here.
Auc auc_on(const std::string& more) {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  ganymede_done(
      "detect --recipe cxr-iagan64 --quick --data "
      "'phantom:chest-xray?n=600&size=64&difficulty=0.25" +
      more +
      "' --set data.counts=none --set detect.train_class=normal --set detect.epochs=120 "
      "--set detect.steps=150 --out " +
      out);
  const auto run = run_json(out);
  const auto& auc = run.at("detection").at("detectors").at("AnoGAN").at("auc");
  return {auc.at("value"), auc.at("low"), auc.at("high")};
}

}  // namespace

TEST_CASE("AnoGAN, learnt from normal chest phantoms, finds obvious opacities", "[.full]") {
  const Auc auc = auc_on("");
  CAPTURE(auc.low, auc.high);
  CHECK(auc.value >= 0.9);
}

TEST_CASE("AnoGAN finds nothing where the classes are shuffled", "[.full]") {
  const Auc auc = auc_on("&shuffle_labels=1");
  CAPTURE(auc.value);
  CHECK(auc.low <= 0.5);
  CHECK(auc.high >= 0.5);
  CHECK(auc.high - auc.low < 0.3);  // tight enough to say something
}
