// Checkpoints: everything comes back, equal state gives equal bytes, damage is refused.

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/checkpoint_file.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/hash.h>
#include <ganymede/engine/layers.h>
#include <ganymede/engine/weights.h>
#include <ganymede/kernels/error.h>

using namespace ganymede;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// A folder of its own, removed at the end.
struct Folder {
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "ganymede-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

const Shape noise{2, 7};

/// A small generator with every kind of state: dense, both convolutions, batch norm, a block.
std::unique_ptr<Sequential> generator(std::uint64_t seed, int width = 3) {
  const Rng rng(seed, "generator");
  auto net = std::make_unique<Sequential>();
  net->emplace<Linear>("dense", 7, 4 * 4 * width, rng.child("dense"));
  net->add("reshape", reshape_layer({4, 4, width}));
  auto block = std::make_unique<Sequential>();
  block->emplace<BatchNorm>("bn", width, BatchNormOptions{}, rng.child("bn"));
  block->emplace<ConvTranspose2d>("conv", width, 5, ConvOptions{.kernel = 4, .stride = 2},
                                  rng.child("up"));
  net->add("block", std::move(block));
  net->emplace<Dropout>("dropout", 0.4f, rng.child("dropout"));
  net->emplace<Conv2d>("conv2d", 5, 2, ConvOptions{.kernel = 3}, rng.child("conv"));
  return net;
}

/// Values that tell every element of every tensor apart.
void fill_distinct(Module& module, float first) {
  for (NamedState& state : state_of(module)) {
    if (state.role == NamedState::Role::progress) {
      state.tensor.assign(std::vector<std::int64_t>{std::int64_t(first) + 17});
      continue;
    }
    std::vector<float> values(std::size_t(state.tensor.elements()));
    for (float& v : values) v = first += 0.37f;
    state.tensor.assign(values);
  }
}

template <class T>
void require_equal(const Tensor& a, const Tensor& b) {
  REQUIRE(a.host<T>() == b.host<T>());
}

void require_equal(Module& a, Module& b) {
  const auto left = state_of(a), right = state_of(b);
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].role == NamedState::Role::progress)
      require_equal<std::int64_t>(left[i].tensor, right[i].tensor);
    else
      require_equal<float>(left[i].tensor, right[i].tensor);
  }
}

/// Two networks, an optimiser with averages, a random stream and one of everything else.
struct Run {
  explicit Run(std::uint64_t seed)
      : g(generator(seed)),
        d(generator(seed, 2)),
        adam(std::make_unique<Ema>(make_adam(parameters(*g), 2e-4f), 0.99f)),
        noise_stream(5, "gan/no hemorrhage/noise") {}

  void change() {
    fill_distinct(*g, 1.0f);
    fill_distinct(*d, -90.0f);
    float value = 0.5f;
    for (auto& [name, tensor] : adam->state()) {
      if (tensor.dtype() == DType::i64)
        tensor.assign(std::vector<std::int64_t>{41});
      else
        tensor.assign(std::vector<float>(std::size_t(tensor.elements()), value += 0.25f));
    }
    noise_stream.position().assign(std::vector<std::int64_t>{1234567890123});
  }

  void save(const std::string& path) {
    CheckpointWriter writer;
    writer.add_network("generator", *g, noise);
    writer.add_network("discriminator", *d, noise);
    writer.add_optimizer("generator", *adam);
    writer.add_random(noise_stream);
    writer.add_counter("iteration", 7);
    writer.add_number("best", 0.1 + 0.2);
    writer.add_text("recipe", "[gan]\nlatent = 7  # \xc3\xa9\n");
    writer.add_text("empty", "");
    writer.add_series("losses/generator", std::vector<float>{1.5f, 0.25f, -3.0f});
    writer.add_tensor("order", Tensor::from(std::vector<std::int32_t>{3, 1, 2}, {3}));
    std::move(writer).save(path);
  }

  void load(const std::string& path) {
    const CheckpointReader reader(path);
    reader.load_network("generator", *g);
    reader.load_network("discriminator", *d);
    reader.load_optimizer("generator", *adam);
    reader.load_random(noise_stream);
  }

  std::unique_ptr<Sequential> g, d;
  OptimizerPtr adam;
  Rng noise_stream;
};

void save_root(const std::string& path, Module& module) {
  CheckpointWriter writer;
  writer.add_root_network("classifier", module, noise);
  std::move(writer).save(path);
}

}  // namespace

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

TEST_CASE("a flipped byte is refused wherever it is, a cut file too") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run run(1);
  run.save(path);
  const std::string good = bytes_of(path);
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < 600; i += 7) offsets.push_back(i);
  for (std::size_t i = 600; i < good.size(); i += good.size() / 97) offsets.push_back(i);
  offsets.push_back(good.size() - 1);
  for (const std::size_t offset : offsets) {
    std::string damaged = good;
    damaged[offset] = char(damaged[offset] ^ 0x10);
    write_bytes(path, damaged);
    INFO("offset " << offset);
    REQUIRE_THROWS_AS(CheckpointReader(path), FormatError);
  }
  for (const std::size_t length :
       {std::size_t(0), std::size_t(100), std::size_t(512), good.size() / 2, good.size() - 1}) {
    write_bytes(path, good.substr(0, length));
    INFO("length " << length);
    REQUIRE_THROWS_AS(CheckpointReader(path), FormatError);
  }
  write_bytes(path, good + "x");
  REQUIRE_THROWS_AS(CheckpointReader(path), FormatError);
  write_bytes(path, "just text");
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("gan.h5") && Contains("no checkpoint"));
}

TEST_CASE("the previous checkpoint is kept and offered") {
  const Folder folder;
  const std::string path = folder.file("gan.h5"), previous = folder.file("gan.previous.h5");
  REQUIRE(previous_checkpoint(path) == previous);
  Run run(1);
  run.save(path);
  REQUIRE_FALSE(fs::exists(previous));
  const std::string first = bytes_of(path);
  run.change();
  run.save(path);
  REQUIRE(bytes_of(previous) == first);
  REQUIRE(std::distance(fs::directory_iterator(folder.path), {}) == 2);

  std::string damaged = bytes_of(path);
  damaged[5000] = char(~damaged[5000]);
  write_bytes(path, damaged);
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("do not match their hash") &&
                                                  Contains("'" + previous + "' is whole"));
  write_bytes(path, damaged.substr(0, 3000));
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("truncated") && Contains(previous));
  fs::remove(path);
  REQUIRE_THROWS_WITH(CheckpointReader(path), Contains("cannot be read") && Contains(previous));
  fs::remove(previous);
  REQUIRE_THROWS_AS(CheckpointReader(path), FileError);
}

TEST_CASE("a full disk leaves the old file and no temporary one") {
  const Folder folder;
  const std::string path = folder.file("gan.h5");
  Run run(1);
  run.save(path);
  const std::string old = bytes_of(path);
  run.change();

  // A limit on the file size fails the same write as a full disk does, and needs no mount.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  std::string message;
  try {
    run.save(path);
  } catch (const FileError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  REQUIRE_THAT(message, Contains("gan.h5") && Contains("disk full") &&
                            Contains(std::to_string(old.size()) + " bytes needed"));
  REQUIRE(bytes_of(path) == old);
  REQUIRE(std::distance(fs::directory_iterator(folder.path), {}) == 1);
  REQUIRE_THROWS_AS(run.save(folder.file("no/such/folder/gan.h5")), FileError);
}

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

TEST_CASE("the hash is SHA-256") {
  const auto hash = [](const std::string& text) { return sha256(std::as_bytes(std::span(text))); };
  // FIPS 180-4's examples.
  REQUIRE(hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  REQUIRE(hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  REQUIRE(hash(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  const Folder folder;
  write_bytes(folder.file("x"), "xxabc");
  REQUIRE(file_hash(folder.file("x"), 2) == hash("abc"));
  REQUIRE_THROWS_AS(file_hash(folder.file("y")), FileError);
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
