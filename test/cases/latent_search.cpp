// A latent search replays what it recorded on its stream, and on no other.
#include <catch2/catch.hpp>

#include <optional>

#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/models/latent_search.h>

#include "test/backends.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

/// G(z) = 2 z as images of 2x2 pixels; counts how often it is asked.
SearchSpace counted(int& calls) {
  return {.latent = 4,
          .generate =
              [&calls](const Tensor&, const Var& z) {
                ++calls;
                return reshape(scale(z, 2.0f), {z.shape()[0], 2, 2, 1});
              },
          .features = [](const Var& x) { return x; }};
}

}  // namespace

TEST_CASE("latent search: a new stream at an old one's address records anew") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    const Device device = current_stream().device();
    const std::vector<float> pixels{0.5f, -0.5f, 0.25f, 1.0f};
    std::optional<Stream> stream;
    int calls = 0;
    LatentSearch search(counted(calls), {.steps = 4, .batch = 1}, 1, "search");
    std::vector<int> asked;
    std::vector<std::vector<float>> found;
    for (int i = 0; i < 2; ++i) {
      stream.emplace(device);
      const StreamScope on(*stream);
      const int before = calls;
      found.push_back(search.run(Tensor::from(pixels, {1, 2, 2, 1})).z.host());
      asked.push_back(calls - before);
    }
    CHECK(asked[0] == asked[1]);
    CHECK(found[0] == found[1]);
  });
}
