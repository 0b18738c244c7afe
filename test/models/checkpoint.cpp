// Checkpoints: everything comes back, equal state gives equal bytes, loading is strict.

#include <catch2/catch.hpp>

#include <ganymede/kernels/error.h>

#include "checkpoint_run.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

TEST_CASE("a checkpoint gives back everything, bit for bit") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run first(1), second(2);
  first.change();
  first.save(path);
  second.load(path);
  require_equal(*first.g, *second.g);
  require_equal(*first.d, *second.d);
  const auto a = first.adam->state(), b = second.adam->state();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].second.dtype() == DType::i64)
      require_equal<std::int64_t>(a[i].second, b[i].second);
    else
      require_equal<float>(a[i].second, b[i].second);
  }
  require_equal<std::int64_t>(first.noise_stream.position(), second.noise_stream.position());

  const CheckpointReader reader(path);
  REQUIRE_FALSE(reader.foreign());
  REQUIRE(reader.networks() == std::vector<std::string>{"generator", "discriminator"});
  REQUIRE(reader.counter("iteration") == 7);
  REQUIRE(reader.counters().at("iteration") == 7);
  REQUIRE(reader.number("best") == 0.1 + 0.2);
  REQUIRE(reader.text("recipe") == "[gan]\nlatent = 7  # \xc3\xa9\n");
  REQUIRE(reader.text("empty").empty());
  REQUIRE(reader.texts() == std::vector<std::string>{"empty", "recipe"});
  REQUIRE(reader.series("losses/generator") == std::vector<float>{1.5f, 0.25f, -3.0f});
  REQUIRE_FALSE(reader.has_counter("epoch"));
  Tensor order({3}, DType::i32);
  reader.load_tensor("order", order);
  REQUIRE(order.host<std::int32_t>() == std::vector<std::int32_t>{3, 1, 2});
}

TEST_CASE("equal state gives equal bytes") {
  const Folder folder;
  Run first(1), second(2);
  first.change();
  second.change();
  first.save(folder.file("a.h5"));
  const std::vector<char> noise_in_the_heap(3'000'000, 'x');
  second.save(folder.file("b.h5"));
  REQUIRE(bytes_of(folder.file("a.h5")) == bytes_of(folder.file("b.h5")));
}

TEST_CASE("loading is strict and names what does not fit") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run run(1);
  run.save(path);
  const CheckpointReader reader(path);
  auto wider = generator(3, 4);
  const auto before = state_of(*wider)[0].tensor.host<float>();
  REQUIRE_THROWS_WITH(reader.load_network("generator", *wider),
                      Contains("network 'generator', layer 'dense': 'kernel'") &&
                          Contains("7x48 in the file") && Contains("7x64 in the model"));
  REQUIRE(state_of(*wider)[0].tensor.host<float>() == before);
  auto longer = generator(3);
  longer->emplace<LayerNorm>("norm", 2);
  REQUIRE_THROWS_WITH(reader.load_network("generator", *longer),
                      Contains("layer 'norm': 'gamma' is missing"));
  Sequential shorter;
  shorter.emplace<Linear>("dense", 7, 48, Rng(1, "x"));
  REQUIRE_THROWS_WITH(reader.load_network("generator", shorter), Contains("not in the model"));
  REQUIRE_THROWS_WITH(reader.load_network("critic", shorter),
                      Contains("no network 'critic'") && Contains("generator, discriminator"));
  auto sgd = make_sgd(parameters(*run.g), 0.1f);
  REQUIRE_THROWS_AS(reader.load_optimizer("generator", *sgd), FormatError);
  Rng other(6, "gan/no hemorrhage/noise");
  REQUIRE_THROWS_WITH(reader.load_random(other), Contains("seed 5") && Contains("has 6"));
}

TEST_CASE("the table of layers is read from the file alone") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run run(1);
  run.save(path);
  const auto rows = CheckpointReader(path).layers("generator");
  REQUIRE(rows == describe(*run.g, noise));
  REQUIRE(rows == layers_from_text(to_text(rows)));
  REQUIRE(rows.size() == 6);
  REQUIRE(rows[2] == LayerRow{"block_bn", "BatchNormalization", {2, 4, 4, 3}, 6, 6});
  REQUIRE(rows[3] == LayerRow{"block_conv", "Conv2DTranspose", {2, 8, 8, 5}, 245, 0});
  REQUIRE(rows[5].output == Shape{2, 8, 8, 2});
  REQUIRE(total(rows).trainable == count_parameters(*run.g).trainable);
  REQUIRE(total(rows).fixed == count_parameters(*run.g).fixed);
  REQUIRE_THAT(format_table(rows), Contains("8x8x5") && Contains("total"));
  REQUIRE_THROWS_AS(layers_from_text("dense\tDense\t2xx3\t1\t2\n"), FormatError);
}

TEST_CASE("a block that names no children is a row, its layers follow without extents") {
  struct Block : Module {
    Conv2d conv{3, 3, {}, Rng(1, "c")};
    Var forward(const Var& x, Mode mode) override { return conv.forward(x, mode); }
    void visit(StateVisitor& visitor) override { visit_child(visitor, "conv", conv); }
    std::string kind() const override { return "Block"; }
    Shape output_shape(const Shape& input) const override { return conv.output_shape(input); }
  };
  Sequential net;
  net.emplace<Block>("block");
  const auto rows = describe(net, {1, 8, 6, 3});
  REQUIRE(rows == std::vector<LayerRow>{{"block", "Block", {1, 8, 6, 3}, 0, 0},
                                        {"block_conv", "Conv2D", {}, 84, 0}});
  REQUIRE(layers_from_text(to_text(rows)) == rows);
}
