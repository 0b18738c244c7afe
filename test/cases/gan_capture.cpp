// A GAN has two recorded steps, the discriminator's alone and both networks': replayed in turns
// they give what running them one by one gives.
#include <catch2/catch.hpp>

#include <ganymede/models/gan.h>

#include "test/backends.h"

using namespace ganymede;
using namespace ganymede::test;

namespace {

constexpr int size = 8, seed = 3;

/// The smallest networks, of two classes.
GanOptions tiny(GanLoss loss) {
  GanOptions o;
  o.network = {.model = GanModel::wgan64,
               .size = size,
               .latent = 2,
               .classes = 2,
               .width = 1,
               .slope = 0.2f};
  o.batch = 2;
  o.loss = loss;
  return o;
}

GanOptions clipped() {
  GanOptions o = tiny(GanLoss::wasserstein);
  o.optimizer = GanOptimizer::rmsprop;
  o.clip = 0.01f;
  return o;
}

GanOptions penalised() {
  GanOptions o = tiny(GanLoss::wasserstein);
  o.network.norm = DiscriminatorNorm::none;
  o.penalty = 10.0f;
  o.ema = 0.5f;
  return o;
}

/// Paper 003's, with its dropout and its doublings.
GanOptions upsampled() {
  GanOptions o = tiny(GanLoss::bce);
  o.network.model = GanModel::dcgan128;
  o.network.norm = DiscriminatorNorm::none;
  o.network.size = 16;
  return o;
}

/// All that a step changes, in one order.
std::vector<Tensor> state_tensors(Gan& gan) {
  std::vector<Tensor> all;
  for (Sequential* network : {&gan.generator(), &gan.discriminator()})
    for (const NamedState& s : state_of(*network)) all.push_back(s.tensor);
  for (Optimizer* optimizer : {&gan.generator_optimizer(), &gan.discriminator_optimizer()})
    for (const auto& named : optimizer->state()) all.push_back(named.second);
  for (Rng* rng : gan.random_streams()) all.push_back(rng->position());
  return all;
}

std::vector<float> floats(const Tensor& t) {
  if (t.dtype() == DType::f32) return t.host();
  return {static_cast<float>(t.host<std::int64_t>()[0])};
}

/// The same GAN with nothing recorded yet: its next step runs eagerly.
std::unique_ptr<Gan> unrecorded(Gan& gan) {
  auto copy = std::make_unique<Gan>(gan.options(), seed, "gan");
  const std::vector<Tensor> from = state_tensors(gan);
  std::vector<Tensor> to = state_tensors(*copy);
  for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_from(from[i]);
  copy->restore_loss_sums(gan.loss_sums());
  return copy;
}

void train(Gan& gan, bool both, const Tensor& real, const Tensor& labels) {
  if (both)
    gan.step(real, labels);
  else
    gan.train_discriminator(real, labels);
}

void check_replay(const GanOptions& options) {
  Gan gan(options, seed, "gan");
  Rng images(5, "images"), classes(5, "classes");
  for (bool both : {false, true, false, false, true, true}) {
    const Tensor real = images.uniform(image_extents(options.network, options.batch), -1.0f, 1.0f);
    const Tensor labels = classes.indices(options.batch, 2);
    const auto eager = unrecorded(gan);
    train(*eager, both, real, labels);
    train(gan, both, real, labels);
    CHECK(gan.loss_sums() == eager->loss_sums());
    const std::vector<Tensor> got = state_tensors(gan), wanted = state_tensors(*eager);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      INFO("tensor " << i);
      CHECK(floats(got[i]) == floats(wanted[i]));
    }
  }
}

/// Three iterations on images of its own.
class Training {
 public:
  explicit Training(std::uint64_t number)
      : gan_(clipped(), number, "gan"), images_(number, "images") {}
  void advance() {
    const GanOptions& o = gan_.options();
    const Tensor real = images_.uniform(image_extents(o.network, o.batch), -1.0f, 1.0f);
    train(gan_, ++done_ % 2 == 0, real, Tensor::zeros({o.batch}, DType::i32));
  }
  std::vector<std::vector<float>> state() {
    std::vector<std::vector<float>> all;
    for (const Tensor& t : state_tensors(gan_)) all.push_back(floats(t));
    return all;
  }

 private:
  Gan gan_;
  Rng images_;
  int done_ = 0;
};

constexpr int iterations = 6, trainings = 3;

std::vector<std::vector<float>> alone(std::uint64_t number) {
  Training training(number);
  for (int i = 0; i < iterations; ++i) training.advance();
  return training.state();
}

}  // namespace

TEST_CASE("capture: GANs on streams of their own, advanced in turn, come out as alone",
          "[capture]") {
  on_each_cuda_backend([](const std::string& backend) {
    INFO(backend);
    std::vector<Stream> streams;
    std::vector<std::unique_ptr<Training>> side_by_side;
    for (int t = 0; t < trainings; ++t) {
      streams.push_back(current_stream().another());
      CHECK(streams.back().math_mode() == current_stream().math_mode());
    }
    for (std::uint64_t t = 0; t < trainings; ++t) {
      const StreamScope on(streams[t]);
      side_by_side.push_back(std::make_unique<Training>(t));
    }
    for (int i = 0; i < iterations; ++i)
      for (std::size_t t = 0; t < trainings; ++t) {
        const StreamScope on(streams[t]);
        side_by_side[t]->advance();
      }
    for (std::size_t t = 0; t < trainings; ++t) {
      const std::vector<std::vector<float>> expected = alone(t);
      const StreamScope on(streams[t]);
      CHECK(side_by_side[t]->state() == expected);
    }
    for (std::size_t t = 0; t < trainings; ++t) {
      const StreamScope on(streams[t]);
      side_by_side[t].reset();
    }
  });
}

TEST_CASE("capture: both variants of a GAN's step in turns equal eager ones", "[capture]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    check_replay(clipped());
    check_replay(penalised());
    check_replay(tiny(GanLoss::bce));
    check_replay(upsampled());
  });
}
