// The encoder's training: stopped and resumed it is the same; what it refuses to go on with.

#include <catch2/catch.hpp>

#include <limits>

#include <ganymede/kernels/error.h>

#include "checkpoint_run.h"
#include "encoder_support.h"
#include "one_thread.h"

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

void advance(EncoderTraining& training, int iterations) {
  for (int i = 0; i < iterations; ++i) training.advance();
}

}  // namespace

TEST_CASE("encoder training: resumed equals uninterrupted, bit for bit") {
  const OneThread quick;
  TrainedGan trained;
  LatentEncoderOptions o = tiny_encoder();
  o.steps = 2500;  // logged every fifth iteration: the stop falls between two entries
  const Folder folder;
  const ResidentSet images = resident(slopes(10, 1, 5), 1);
  const auto fresh = [&] { return EncoderTraining(trained.space, o, images, 3, "encoder"); };
  EncoderTraining whole = fresh(), first = fresh(), second = fresh();
  advance(whole, 17);
  advance(first, 7);
  first.save(folder.file("stopped.h5"), "a = 1");
  second.resume(folder.file("stopped.h5"));
  CHECK(second.done() == 7);
  CHECK(second.history().loss == first.history().loss);
  advance(second, 10);
  whole.save(folder.file("whole.h5"), "a = 1");
  second.save(folder.file("second.h5"), "a = 1");
  CHECK(bytes_of(folder.file("whole.h5")) == bytes_of(folder.file("second.h5")));
  CHECK(bytes_of(folder.file("whole.h5")) != bytes_of(folder.file("stopped.h5")));
  CHECK(whole.history().iteration == std::vector<float>{5, 10, 15});
  CHECK(whole.history().features == second.history().features);
  const Tensor x = pictures(3, 9);
  CHECK(whole.encoder().run(x).z.host() == second.encoder().run(x).z.host());
}

TEST_CASE("encoder training: another network, seed or data count is no resume") {
  const Folder folder;
  LatentEncoderOptions o = tiny_encoder();
  o.steps = 3;
  const std::string path = folder.file("encoder.h5");
  EncoderTraining training(plane(), o, resident(slopes(10, 1, 5), 1), 3, "encoder");
  while (!training.finished()) training.advance();
  CHECK(training.history().iteration == std::vector<float>{1, 2, 3});
  training.save(path, "");
  const auto resume = [&](const LatentEncoderOptions& options, int images, std::uint64_t seed) {
    EncoderTraining(plane(), options, resident(slopes(images, 1, 5), 1), seed, "e").resume(path);
  };
  CHECK_NOTHROW(resume(o, 10, 3));
  CHECK_THROWS_WITH(resume(o, 11, 3), Contains("10, here it is 11"));
  CHECK_THROWS_AS(resume(o, 10, 4), FormatError);
  o.network.width = 8;
  CHECK_THROWS_AS(resume(o, 10, 3), FormatError);
}

TEST_CASE("encoder training: a loss that is not finite ends the training") {
  SearchSpace broken = plane();
  broken.features = [](const Var& x) { return scale(x, std::numeric_limits<float>::infinity()); };
  LatentEncoderOptions o = tiny_encoder();
  o.steps = 3;
  EncoderTraining training(broken, o, resident(slopes(10, 1, 5), 1), 3, "encoder");
  CHECK_THROWS_WITH(training.advance(), Contains("iteration 1") && Contains("encoder_rate"));
}
