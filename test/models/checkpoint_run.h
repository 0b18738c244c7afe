#pragma once
// What the checkpoint tests share: a folder, a small network, a run with every kind of state.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/layers.h>

namespace ganymede::test {

namespace fs = std::filesystem;

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

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline const Shape noise{2, 7};

/// A small generator with every kind of state: dense, both convolutions, batch norm, a block.
inline std::unique_ptr<Sequential> generator(std::uint64_t seed, int width = 3) {
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
inline void fill_distinct(Module& module, float first) {
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

inline void require_equal(Module& a, Module& b) {
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

inline void save_root(const std::string& path, Module& module) {
  CheckpointWriter writer;
  writer.add_root_network("classifier", module, noise);
  std::move(writer).save(path);
}

}  // namespace ganymede::test
