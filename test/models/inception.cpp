// Inception-v3: against PyTorch in double (test/golden/inception.py), its layers, its files.

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <ganymede/kernels/error.h>
#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/inception.h>

#include "inception_support.h"
#include "test/places.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

/// The same numbers as the golden script's, from the stream of each tensor's name.
void fill_golden(Inception& network) {
  for (NamedState& s : state_of(network)) {
    Rng rng = Rng(7, "inception").child(s.layer).child(s.name);
    const Shape& shape = s.tensor.shape();
    if (s.name == "kernel") {
      const std::int64_t fan_in =
          shape.rank() == 2 ? shape[0] : shape.elements() / std::max<std::int64_t>(shape[0], 1);
      s.tensor.copy_from(rng.normal(shape, 0.0f, float(std::sqrt(2.0 / double(fan_in)))));
      continue;
    }
    const bool positive = s.name == "gamma" || s.name == "moving_variance";
    s.tensor.copy_from(rng.uniform(shape, positive ? 0.5f : -0.2f, positive ? 1.5f : 0.2f));
  }
}

std::vector<float> features(Inception& network, const Var& image, int dims) {
  return network.features(inception_input(image), dims).value().host();
}

/// Values of one image: the features, or the last 192 where the row is about the pool branch.
std::vector<float> computed(Inception& network, const std::string& what, const Var& image) {
  if (what == "768") return features(network, image, 768);
  if (what == "logits")
    return network.forward(inception_input(image), Mode::inference).value().host();
  std::vector<float> values = features(network, image, 2048);
  if (what == "keras") values.erase(values.begin(), values.end() - 192);
  return values;
}

/// Runs a command; its exit status, with what it printed in `output`.
int run_command(const std::string& command, const std::string& output) {
  return std::system((command + " >'" + output + "' 2>&1").c_str());
}

bool has_torch(const Folder& folder) {
  static const bool has =
      run_command("/usr/bin/python3 -c 'import torch'", folder.file("torch")) == 0;
  return has;
}

}  // namespace

TEST_CASE("features of Inception-v3 equal PyTorch's in double", "[inception]") {
  const Recording off(false);
  Inception fid(InceptionVariant::fid, Rng(0, "x")), keras(InceptionVariant::keras, Rng(0, "x"));
  fill_golden(fid);
  fill_golden(keras);
  std::ifstream file(source_folder() / "test/golden/inception.csv");
  std::string line, name, what;
  std::getline(file, line);
  int rows = 0;
  for (; std::getline(file, line); ++rows) {
    std::istringstream cells(line);
    std::getline(cells, name, ',');
    std::getline(cells, what, ',');
    INFO(name << " " << what);
    const Shape shape = name == "grey" ? Shape{1, 96, 80, 1} : Shape{1, 331, 313, 3};
    const Var image = Rng(7, "images/" + name).uniform(shape, -1.0f, 1.0f);
    const std::vector<float> got = computed(what == "keras" ? keras : fid, what, image);
    double error = 0, largest = 0, wanted = 0;
    for (const float value : got) {
      REQUIRE(cells >> wanted);
      error = std::max(error, std::abs(value - wanted));
      largest = std::max(largest, std::abs(wanted));
    }
    REQUIRE_FALSE(cells >> wanted);
    CHECK(largest > 1);
    CHECK(error < 1e-3);
  }
  CHECK(rows == 8);
}

TEST_CASE("Inception-v3 has the published layers, extents and count", "[inception]") {
  Inception network(InceptionVariant::fid, Rng(0, "x"));
  const Counts counts = count_parameters(network);
  CHECK(counts.trainable + counts.fixed == 23'885'392);
  std::map<std::string, Shape> kernels;
  for (const NamedState& s : state_of(network))
    if (s.name == "kernel") kernels[s.layer] = s.tensor.shape();
  CHECK(kernels.at("fc") == Shape{2048, 1008});
  CHECK(kernels.size() == 95);
  for (const UnitRow& unit : published_units()) {
    std::string layer = unit.name + "/conv";
    std::ranges::replace(layer, '.', '/');
    INFO(layer);
    REQUIRE(kernels.contains(layer));
    CHECK(kernels.at(layer) == Shape{unit.filters, unit.rows, unit.columns, unit.channels});
  }
  const auto extents = describe(network, {2, 299, 299, 3});
  const auto of = [&](const std::string& name) {
    return std::ranges::find(extents, name, &LayerRow::name)->output;
  };
  CHECK(of("Mixed_5d_branch_pool") == Shape{2, 35, 35, 64});
  CHECK(of("Mixed_6e_branch7x7dbl_5") == Shape{2, 17, 17, 192});
  CHECK(of("Mixed_7c_branch3x3dbl_3b") == Shape{2, 8, 8, 384});
}

TEST_CASE("Inception-v3 refuses what it is not for", "[inception]") {
  Inception network(InceptionVariant::fid, Rng(0, "x"));
  const Var small = Tensor::zeros({1, 74, 80, 3}), image = Tensor::zeros({1, 80, 80, 3});
  CHECK_THROWS_AS(network.features(small, 768), ShapeError);
  CHECK_THROWS_AS(network.features(Tensor::zeros({1, 80, 80, 1}), 768), ShapeError);
  CHECK_THROWS_WITH(network.features(image, 192), Contains("768 (Mixed_6e) or 2048 (Mixed_7c)"));
  CHECK_THROWS_AS(network.forward(image, Mode::training), UsageError);
  CHECK_THROWS_AS(inception_input(Tensor::zeros({1, 80, 80, 2})), ShapeError);
}

TEST_CASE("the conversion script reads both formats of PyTorch", "[inception]") {
  const Folder folder;
  if (!has_torch(folder)) {
    WARN("skipped: /usr/bin/python3 has no PyTorch (python3-torch) to write the .pth with");
    return;
  }
  const std::string source = source_folder().string(), h5 = folder.file("inception.h5");
  const std::string make = "/usr/bin/python3 '" + source + "/test/models/inception_file.py' '" +
                           source + "/test/golden/inception_units.csv' ";
  const std::string said = folder.file("said"), pth = folder.file("weights.pth");
  const std::string convert =
      "/usr/bin/python3 '" + source + "/tools/convert_inception.py' '" + pth + "' '" + h5 + "' ";
  SECTION("every number arrives") {
    const std::string legacy = GENERATE("", "--legacy");
    INFO(legacy);
    REQUIRE(run_command(make + "'" + pth + "' " + legacy, said) == 0);
    REQUIRE(run_command(convert, said) == 0);
    CHECK_FALSE(known_published(h5));
    Inception network(InceptionVariant::fid, Rng(0, "x"));
    load_inception(h5, InceptionVariant::fid, network);
    check_numbers_of_script(network);
  }
  SECTION("weights that the user vouches for") {
    REQUIRE(run_command(make + "'" + pth + "'", said) == 0);
    REQUIRE(run_command(convert + "--published", said) == 0);
    const auto extractor = network_features(h5, 768);
    CHECK(extractor->info().fid);
    CHECK(extractor->info().name == "Inception-v3 (published weights)");
    CHECK(distance_name(extractor->info()) == "FID-768");
  }
  SECTION("torchvision's own weights") {
    REQUIRE(run_command(make + "'" + pth + "' --classes 1000", said) == 0);
    CHECK(run_command(convert, said) != 0);
    CHECK_THAT(bytes_of(said), Contains("1000 outputs, the network of the FID 1008"));
  }
  SECTION("no file of PyTorch's, and one that wants to run something") {
    write_bytes(pth, "no weights");
    CHECK(run_command(convert, said) != 0);
    CHECK_THAT(bytes_of(said), Contains(pth + ": no file of weights of PyTorch's"));
    write_bytes(pth, "cposix\nsystem\n(S'true'\ntR.");
    CHECK(run_command(convert, said) != 0);
    CHECK_THAT(bytes_of(said), Contains("wants to run posix.system"));
    CHECK_FALSE(fs::exists(h5));
  }
  SECTION("a download that broke off") {
    REQUIRE(run_command(make + "'" + pth + "' --legacy", said) == 0);
    fs::resize_file(pth, fs::file_size(pth) / 2);
    CHECK(run_command(convert, said) != 0);
    CHECK_THAT(bytes_of(said), Contains("no file of weights of PyTorch's"));
    CHECK_FALSE(fs::exists(h5));
  }
}
