// A study of classifiers that begin with weights of a file.

#include <catch2/catch.hpp>

#include <filesystem>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/saved_classifier.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

const std::string settings =
    " --data 'phantom:head-ct?n=20&size=40' --recipe headct-dcgan32 --quick --device cpu --set "
    "classifier.width=0.125 --set classifier.input=32 --set classifier.steps=4 --set "
    "classifier.evaluate_every=2 ";

std::unique_ptr<Classifier> resnet18() {
  return make_resnet(18, {.width = 0.125f}, Rng(3, "elsewhere"));
}

void write_weights(Classifier& network, const std::string& path) {
  CheckpointWriter writer;
  writer.add_root_network("classifier", network, {1, 32, 32, 1});
  std::move(writer).save(path);
}

}  // namespace

TEST_CASE("weights of another network are refused before any GAN is trained") {
  const TemporaryFolder folder;
  const std::string weights = folder / "resnet18.h5", out = folder / "run";
  write_weights(*resnet18(), weights);
  const std::string set =
      settings + "--set classifier.networks=[resnet34] --set classifier.weights=";
  for (const char* verb : {"study", "classify train"}) {
    const Ran ran = ganymede_run(verb + set + weights + " --out " + out);
    INFO(verb);
    CHECK(ran.code == 3);
    CHECK_THAT(ran.err, Contains(weights) && Contains("resnet34") &&
                            Contains("'conv2_block3_1_conv/kernel'") &&
                            Contains("classifier.networks") && Contains("classifier.variant"));
    CHECK(!fs::exists(out + "/gan"));
    CHECK(!fs::exists(out + "/classifiers"));
    fs::remove_all(out);
  }
}

TEST_CASE("a frozen classifier is its weights' network but for the last layer") {
  const TemporaryFolder folder;
  const std::string weights = folder / "resnet18.h5", out = folder / "run";
  const auto given = resnet18();
  write_weights(*given, weights);
  ganymede_done("classify train" + settings + "--set classifier.freeze=base --set " +
                "classifier.weights=" + weights + " --out " + out);
  std::string file;
  for (const auto& entry : fs::recursive_directory_iterator(out + "/classifiers"))
    if (entry.path().extension() == ".h5") file = entry.path().string();
  SavedClassifier trained = load_classifier(file);
  const auto before = state_of(*given), after = state_of(*trained.network);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].role == NamedState::Role::progress) continue;
    INFO(before[i].layer << "/" << before[i].name);
    CHECK((before[i].tensor.host() == after[i].tensor.host()) ==
          (before[i].layer != "predictions"));
  }
  // Weights of our own say how their images were scaled.
  const Ran other = ganymede_run("classify train" + settings + "--set data.channels=3 --set " +
                                 "classifier.scaling=imagenet --set classifier.weights=" + file +
                                 " --out " + out + "2");
  CHECK(other.code == 2);
  CHECK_THAT(other.err, Contains("--set classifier.scaling=none"));
}
