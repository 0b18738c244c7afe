// Feature extractors: which file is which network, how images get to it, what is refused.

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>

#include <ganymede/engine/checkpoint_keras.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/host_rng.h>
#include <ganymede/models/classifier_scores.h>
#include <ganymede/models/densenet.h>
#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/inception.h>
#include <ganymede/models/pixels.h>
#include <ganymede/models/quality/frechet.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/saved_classifier.h>
#include <ganymede/models/settings.h>

#include "checkpoint_run.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

Tensor pictures(std::int64_t count, int side, int channels) {
  Tensor bytes({count, side, side, channels}, DType::u8);
  HostRng numbers(11, "pictures");
  std::vector<std::uint8_t> values(std::size_t(bytes.elements()));
  for (auto& v : values) v = std::uint8_t(numbers.below(256));
  bytes.assign(values);
  return bytes;
}

/// A file as another program writes it: without our block before HDF5's own part.
void write_foreign(const std::string& path, const std::function<void(H5File&)>& fill) {
  H5File file = H5File::create(path);
  fill(file);
  const auto image = std::move(file).image();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(image.data()) + H5File::user_block,
            std::streamsize(image.size() - H5File::user_block));
}

using Renamed = std::function<std::string(const std::string&)>;

/// Weights of a network, its layers under other names; weights of an empty name are left out.
void write_weights(const std::string& path, Module& network, const Renamed& renamed) {
  H5File ours = H5File::create("ours");
  keras::write_weights(ours, "", network);
  write_foreign(path, [&](H5File& file) {
    for (const NamedState& state : state_of(network)) {
      if (state.role == NamedState::Role::progress) continue;
      const std::string layer = keras::layer_name(state);
      const std::string name = renamed(layer + "/" + state.name);
      if (name.empty()) continue;
      const std::string home = name.substr(0, name.rfind('/'));
      const std::string from = layer + "/" + layer + "/" + state.name + ":0";
      const auto values = ours.read<float>(from);
      file.write<float>(home + "/" + name + ":0", ours.shape(from), values);
    }
  });
}

const Renamed same = [](const std::string& name) { return name; };

/// Statistics that a network without training does not have, so that mixing them up is seen.
void vary_statistics(Module& network) {
  for (NamedState& s : state_of(network)) {
    Rng rng = Rng(3, s.layer).child(s.name);
    if (s.name == "beta" || s.name == "moving_mean")
      s.tensor.copy_from(rng.uniform(s.tensor.shape(), -0.2f, 0.2f));
    if (s.name == "moving_variance") s.tensor.copy_from(rng.uniform(s.tensor.shape(), 0.5f, 1.5f));
  }
}

/// "Mixed_5b_branch1x1_conv" -> "conv2d_6", as Keras numbers layers from 1; gammas are left out.
Renamed keras_numbers(Inception& network) {
  std::map<std::string, std::string> names;
  for (const NamedState& s : state_of(network)) {
    const std::string layer = keras::layer_name(s);
    const bool conv = layer.ends_with("_conv"), norm = layer.ends_with("_bn");
    if ((!conv && !norm) || names.contains(layer)) continue;
    const auto before = std::ranges::count_if(
        names, [&](const auto& n) { return n.second.starts_with(conv ? "conv2d" : "batch_norm"); });
    names[layer] = (conv ? "conv2d_" : "batch_normalization_") + std::to_string(before + 1);
  }
  return [names](const std::string& name) -> std::string {
    const std::size_t slash = name.find('/');
    const auto found = names.find(name.substr(0, slash));
    if (found == names.end()) return name;
    return name.ends_with("_bn/gamma") ? "" : found->second + name.substr(slash);
  };
}

void check_close(const std::vector<float>& got, const std::vector<float>& wanted) {
  REQUIRE(got.size() == wanted.size());
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    error = std::max(error, std::abs(double(got[i]) - wanted[i]));
    largest = std::max(largest, std::abs(double(wanted[i])));
  }
  CHECK(largest > 1e-3);
  CHECK(error < 1e-5 * largest);
}

std::vector<float> host_of(const Var& x) { return x.value().host(); }

/// Bytes to [-1, 1], at another size; done here by hand for the networks' own inputs.
Var prepared(const Tensor& images, int side, const std::function<float(float, int)>& value,
             bool bgr) {
  const Shape& s = images.shape();
  std::vector<float> values;
  const auto bytes = images.host<std::uint8_t>();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int c = int(i % 3);
    const std::size_t from = bgr ? i - std::size_t(c) + std::size_t(2 - c) : i;
    values.push_back(value(float(bytes[from]), c));
  }
  return resize_bilinear(Tensor::from(values, s), side, side);
}

}  // namespace

TEST_CASE("features: raw pixels", "[features]") {
  const Tensor images = pictures(3, 4, 1);
  const auto bytes = images.host<std::uint8_t>();
  const auto all = feature_extractor("pixels", {4, 4, 1});
  CHECK(all->info().dims == 16);
  CHECK(all->info().resize == "none");
  CHECK_FALSE(all->info().fid);
  const std::vector<float> rows = all->features(images);
  REQUIRE(rows.size() == 48);
  CHECK(rows[17] == Approx(bytes[17] / 127.5 - 1));
  const auto small = feature_extractor("pixels:2", {4, 4, 1});
  CHECK(small->info().dims == 4);
  CHECK(small->info().resize == "area mean to 2x2");
  const std::vector<float> means = small->features(images);
  REQUIRE(means.size() == 12);
  const double mean = (bytes[16 + 2] + bytes[16 + 3] + bytes[16 + 6] + bytes[16 + 7]) / 4.0;
  CHECK(means[5] == Approx(mean / 127.5 - 1).margin(1e-4));
  CHECK_THROWS_WITH(small->features(pictures(2, 5, 1)), Contains("mend: bring both sets"));
  CHECK_THROWS_AS(all->features(Tensor::zeros({4, 4})), ShapeError);
  CHECK(all->features(pictures(0, 4, 1)).empty());
}

TEST_CASE("features: what words are understood", "[features]") {
  for (const char* words : {"", "pixel", "pixels:", "pixels:-3", "pixels:3x", "a.h5:0", "net.pth"})
    CHECK_THROWS_AS(feature_extractor(words, {4, 4, 1}), SettingError);
  for (const char* file : {"/nowhere/net.h5", "/nowhere/12:30/net.h5"})
    CHECK_THROWS_AS(feature_extractor(file, {4, 4, 1}), FileError);
}

TEST_CASE("features: one image has no distance, two networks have none to each other",
          "[features]") {
  const auto pixels = pixel_features({4, 4, 1}), small = pixel_features({4, 4, 1}, 2);
  const auto of = [](FeatureExtractor& e, std::int64_t n) {
    return quality::Features(e.features(pictures(n, 4, 1)), int(n), e.info().dims);
  };
  CHECK(of(*pixels, 1).count == 1);
  CHECK_THROWS_AS(quality::frechet_distance(of(*pixels, 1), of(*pixels, 9)), DataError);
  CHECK_THROWS_AS(quality::frechet_distance(of(*pixels, 9), of(*small, 9)), ShapeError);
}

TEST_CASE("features: a classifier of ours", "[features]") {
  const Folder folder;
  const std::string path = folder.file("resnet18.h5");
  SavedClassifier saved{.network = nullptr,
                        .recipe = Recipe::shipped("headct-dcgan32"),
                        .classes = {"a", "b"},
                        .channels = 3};
  saved.recipe.set("classifier.width=0.25");
  saved.recipe.set("classifier.input=40");
  saved.network = make_classifier(saved.recipe, "resnet18", 3, 2, Rng(5, "net"));
  vary_statistics(*saved.network);
  save_classifier(saved, "resnet18", path);
  const auto extractor = feature_extractor(path, {24, 24, 3});
  CHECK(extractor->info().dims == 64);
  CHECK(extractor->info().resize == "bilinear to 40x40 without antialias");
  CHECK_THAT(extractor->info().name, Contains("resnet18") && Contains(path));
  CHECK_FALSE(extractor->info().fid);
  const Tensor images = pictures(19, 24, 3);  // more than one chunk
  const std::vector<float> rows = extractor->features(images);
  const Tensor resized = gather_images(images, Tensor(), 40);
  check_close(rows, saved.network->middle_features(resized, Mode::inference).value().host());
  const std::vector<float> alone = extractor->features(images.slice(17, 18));
  check_close(alone, {rows.begin() + 17 * 64, rows.begin() + 18 * 64});
  check_close(extractor->features(gather_images(images, Tensor())), rows);

  const Tensor grey = pictures(2, 24, 1);
  const auto bytes = grey.host<std::uint8_t>();
  std::vector<std::uint8_t> thrice;
  for (const std::uint8_t b : bytes) thrice.insert(thrice.end(), 3, b);
  CHECK(extractor->features(grey) == extractor->features(Tensor::from(thrice, {2, 24, 24, 3})));
  CHECK_THROWS_WITH(extractor->features(pictures(2, 24, 2)), Contains("2 channels"));
  CHECK_THROWS_WITH(network_features(path, 768), Contains("has features of 64 dimensions"));
}

TEST_CASE("features: Keras's ResNet-50 and DenseNet-121", "[features][long]") {
  const Folder folder;
  const std::string path = folder.file("keras.h5");
  const Tensor images = pictures(2, 48, 3);
  const NetworkOptions options{.channels = 3, .classes = 1000};
  SECTION("ResNet-50: blue first, minus the means") {
    const auto network = make_resnet(50, options, Rng(1, "r"));
    vary_statistics(*network);
    write_weights(path, *network, same);
    const auto extractor = network_features(path);
    CHECK(extractor->info().name == "ResNet-50 (Keras's weights)");
    CHECK(extractor->info().dims == 2048);
    CHECK_FALSE(extractor->info().fid);
    const float means[]{103.939f, 116.779f, 123.68f};
    const Var x = prepared(
        images, 224, [&](float v, int c) { return v - means[c]; }, true);
    check_close(extractor->features(images), host_of(network->features(x, Mode::inference)));
  }
  SECTION("DenseNet-121: standardised, no top, names with slashes") {
    const auto network = make_densenet(121, options, Rng(1, "d"));
    vary_statistics(*network);
    write_weights(path, *network, [](const std::string& name) -> std::string {
      if (name.starts_with("predictions/")) return "";
      if (!name.starts_with("conv1_")) return name;
      return "conv1/" + name.substr(6);
    });
    const auto extractor = network_features(path);
    CHECK(extractor->info().name == "DenseNet-121 (Keras's weights)");
    CHECK(extractor->info().dims == 1024);
    CHECK(extractor->info().resize == "bilinear to 224x224 without antialias");
    const float mean[]{0.485f, 0.456f, 0.406f}, deviation[]{0.229f, 0.224f, 0.225f};
    const Var x = prepared(
        images, 224, [&](float v, int c) { return (v / 255 - mean[c]) / deviation[c]; }, false);
    check_close(extractor->features(images), host_of(network->features(x, Mode::inference)));
  }
  SECTION("a layer is missing") {
    const auto network = make_densenet(121, options, Rng(1, "d"));
    write_weights(path, *network, [](const std::string& name) {
      return name == "conv3_block2_1_bn/beta" ? std::string() : name;
    });
    CHECK_THROWS_WITH(network_features(path),
                      Contains("DenseNet-121") && Contains("'conv3_block2_1_bn/beta' is missing"));
  }
}

TEST_CASE("features: both kinds of Inception-v3", "[features][long]") {
  const Folder folder;
  const std::string path = folder.file("inception.h5");
  const Tensor images = pictures(2, 40, 1);
  const Var inputs = gather_images(images, Tensor());
  SECTION("in the layout of the FID") {
    Inception network(InceptionVariant::fid, Rng(2, "i"));
    vary_statistics(network);
    write_weights(path, network, same);
    const auto extractor = feature_extractor(path + ":768", {40, 40, 1});
    CHECK(extractor->info().name == "Inception-v3 (weights not known to be the published ones)");
    CHECK(distance_name(extractor->info()) == "Frechet distance");
    CHECK(extractor->info().resize == "bilinear to 299x299 without antialias");
    check_close(extractor->features(images),
                host_of(network.features(inception_input(inputs), 768)));
    CHECK(network_features(path)->info().dims == 2048);
    CHECK_THROWS_AS(network_features(path, 64), SettingError);
    const std::string bytes = bytes_of(path);
    write_bytes(path, bytes.substr(0, bytes.size() / 2));
    CHECK_THROWS_AS(network_features(path), FormatError);
  }
  SECTION("Keras's, by the order of its layers") {
    Inception network(InceptionVariant::keras, Rng(2, "i"));
    vary_statistics(network);
    write_weights(path, network, keras_numbers(network));
    const auto extractor = network_features(path);
    CHECK(extractor->info().name == "Inception-v3 (Keras's weights)");
    CHECK_FALSE(extractor->info().fid);
    check_close(extractor->features(images),
                host_of(network.features(inception_input(inputs), 2048)));
    Inception fid(InceptionVariant::fid, Rng(2, "i"));
    CHECK_THROWS_AS(load_inception(path, InceptionVariant::fid, fid), FormatError);
  }
}

TEST_CASE("features: files that are not accepted", "[features]") {
  const Folder folder;
  const std::string path = folder.file("other.h5");
  const std::vector<float> one{1};
  const auto with = [&](const std::string& layer, const Shape& shape) {
    write_foreign(path, [&](H5File& file) {
      const std::vector<float> values(std::size_t(shape.elements()));
      file.write<float>(layer + "/" + layer + "/kernel:0", shape, values);
    });
  };
  with("Mixed_5b_branch1x1_conv", {1, 1, 192, 64});
  CHECK_THROWS_WITH(network_features(path), Contains("is missing; mend: convert"));
  with("Mixed_5b_branch1x1_conv", {1, 1, 192, 65});
  CHECK_THROWS_WITH(network_features(path), Contains("1x1x192x65 in the file, 1x1x192x64"));
  with("res2a_branch2a", {1, 1, 64, 64});
  CHECK_THROWS_WITH(network_features(path), Contains("ResNet weights of 2016"));
  with("block1_conv1", {3, 3, 3, 64});
  CHECK_THROWS_WITH(network_features(path), Contains("'block1_conv1'") && Contains("accepted are"));
  write_bytes(path, "no weights");
  CHECK_THROWS_AS(network_features(path), FormatError);
  Run run(1);
  run.save(path);
  CHECK_THROWS_WITH(network_features(path), Contains("'generator' 'discriminator', no classifier"));
}
