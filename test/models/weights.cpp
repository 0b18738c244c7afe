// Weights in Keras's layout: ours for Keras, and those of others by name.

#include <catch2/catch.hpp>

#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/weights.h>
#include <ganymede/kernels/error.h>

#include "checkpoint_run.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

TEST_CASE("weights lie as Keras expects them") {
  const Folder folder;
  const std::string path = folder.file("classifier.h5");
  auto net = generator(1);
  fill_distinct(*net, 0.0f);
  save_root(path, *net);
  const H5File file = H5File::open(path);
  using Names = std::vector<std::string>;
  REQUIRE(file.attribute("", "layer_names") == Names{"dense", "block_bn", "block_conv", "conv2d"});
  REQUIRE(file.attribute("", "backend") == Names{"tensorflow"});
  REQUIRE(file.attribute("block_bn", "weight_names") == Names{"block_bn/gamma:0", "block_bn/beta:0",
                                                              "block_bn/moving_mean:0",
                                                              "block_bn/moving_variance:0"});
  REQUIRE(file.shape("dense/dense/kernel:0") == Shape{7, 48});
  REQUIRE(file.shape("conv2d/conv2d/kernel:0") == Shape{3, 3, 5, 2});          // HWIO
  REQUIRE(file.shape("block_conv/block_conv/kernel:0") == Shape{4, 4, 5, 3});  // kh kw out in

  // One element by hand: memory (k, r, s, c) is file (r, s, c, k).
  const auto stored = file.read<float>("conv2d/conv2d/kernel:0");
  const auto states = state_of(*net);
  const auto memory = states[states.size() - 2].tensor.host<float>();
  const int k = 1, r = 2, s = 0, c = 3;
  REQUIRE(stored[((r * 3 + s) * 5 + c) * 2 + k] == memory[((k * 3 + r) * 3 + s) * 5 + c]);
}

TEST_CASE("weights load by name, from the root and from inside a model") {
  const Folder folder;
  auto net = generator(1);
  fill_distinct(*net, 0.0f);
  const std::string path = folder.file("classifier.h5");
  save_root(path, *net);
  auto other = generator(2);
  const WeightReport all = load_weights(path, *other);
  REQUIRE(all.loaded.size() == 10);
  REQUIRE((all.missing.empty() && all.unused.empty() && all.skipped.empty()));
  for (std::size_t i = 0; i < 10; ++i)
    if (state_of(*net)[i].role != NamedState::Role::progress)
      require_equal<float>(state_of(*net)[i].tensor, state_of(*other)[i].tensor);

  Sequential head;
  head.emplace<Linear>("dense", 7, 2, Rng(1, "x"));
  head.emplace<Linear>("added", 2, 2, Rng(1, "y"));
  head.emplace<Conv2d>("conv2d", 5, 2, ConvOptions{.kernel = 3}, Rng(1, "z"));
  REQUIRE_THROWS_WITH(load_weights(path, head), Contains("'dense/kernel'") && Contains("7x48"));
  const WeightReport part = load_weights(path, head, {.head = "dense"});
  REQUIRE(part.loaded == std::vector<std::string>{"conv2d/kernel", "conv2d/bias"});
  REQUIRE(part.skipped == std::vector<std::string>{"dense/kernel", "dense/bias"});
  REQUIRE(part.missing == std::vector<std::string>{"added/kernel", "added/bias"});
  REQUIRE(part.unused.size() == 6);
}

TEST_CASE("foreign files: nested models, old names, bad claims") {
  const Folder folder;
  const std::string path = folder.file("keras.h5");
  const std::vector<float> kernel{1, 2, 3, 4, 5, 6}, bias{7, 8, 9};
  const auto foreign = [&](const auto& fill) {
    H5File file = H5File::create(path);
    fill(file);
    auto image = std::move(file).image();
    const std::span<const std::byte> body = std::span(image).subspan(H5File::user_block);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(body.data()), std::streamsize(body.size()));
  };
  Sequential net;
  net.emplace<Linear>("fc", 2, 3, Rng(1, "fc"));
  const auto loaded = [&](const WeightOptions& options = {}) {
    load_weights(path, net, options);
    return state_of(net)[0].tensor.host<float>() == kernel &&
           state_of(net)[1].tensor.host<float>() == bias;
  };
  using Names = std::vector<std::string>;
  SECTION("a whole model that holds another one") {
    foreign([&](H5File& f) {
      f.write<float>("model_weights/inner/fc/kernel:0", {2, 3}, kernel);
      f.write<float>("model_weights/inner/fc/bias:0", {3}, bias);
      f.write_attribute("model_weights", "layer_names", Names{"inner"});
      f.write_attribute("model_weights/inner", "weight_names", Names{"fc/kernel:0", "fc/bias:0"});
    });
    REQUIRE(loaded());
    REQUIRE(CheckpointReader(path).foreign());
    REQUIRE(CheckpointReader(path).layers("model") == std::vector<LayerRow>{{"fc", "-", {}, 9, 0}});
  }
  SECTION("Keras 1 names, another layer name") {
    foreign([&](H5File& f) {
      f.write<float>("fc1000/fc1000_W:0", {2, 3}, kernel);
      f.write<float>("fc1000/fc1000_b:0", {3}, bias);
      f.write_attribute("", "layer_names", Names{"fc1000"});
      f.write_attribute("fc1000", "weight_names", Names{"fc1000_W:0", "fc1000_b:0"});
    });
    REQUIRE_THROWS_WITH(load_weights(path, net), Contains("no layer of the network is in it"));
    REQUIRE(loaded({.rename = [](const std::string&) { return std::string("fc"); }}));
  }
  SECTION("no lists of names") {
    foreign([&](H5File& f) {
      f.write<float>("fc/kernel:0", {2, 3}, kernel);
      f.write<float>("fc/bias:0", {3}, bias);
    });
    REQUIRE(loaded());
  }
  SECTION("a layer's name with a slash") {
    foreign([&](H5File& f) {
      f.write<float>("top/fc/top/fc/kernel:0", {2, 3}, kernel);
      f.write<float>("top/fc/top/fc/bias:0", {3}, bias);
      f.write<float>("fc/fc/kernel:0", {1}, std::vector<float>(1));
    });
    REQUIRE(CheckpointReader(path).layers("model")[1].name == "top_fc");
    REQUIRE_THROWS_WITH(load_weights(path, net), Contains("2x3"));
    const auto renamed = [](const std::string& l) { return l == "top_fc" ? "fc" : "other_" + l; };
    REQUIRE(loaded({.rename = renamed}));
  }
  SECTION("whole numbers for weights") {
    foreign([&](H5File& f) {
      f.write<std::int64_t>("fc/fc/kernel:0", {2, 3}, std::vector<std::int64_t>(6));
    });
    REQUIRE_THROWS_WITH(load_weights(path, net), Contains("holds no floating-point numbers"));
  }
  SECTION("long lists are cut as Keras cuts them") {
    Names names;
    for (int i = 0; i < 900; ++i) names.push_back(std::string(90, 'x') + std::to_string(i));
    foreign([&](H5File& f) { f.write_attribute("", "layer_names", names); });
    const H5File file = H5File::open(path);
    REQUIRE_FALSE(file.attribute("", "layer_names"));
    Names joined = *file.attribute("", "layer_names0"),
          second = *file.attribute("", "layer_names1");
    REQUIRE(joined.size() < 900);
    joined.insert(joined.end(), second.begin(), second.end());
    REQUIRE(joined == names);
  }
}
