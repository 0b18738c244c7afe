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

}  // namespace

TEST_CASE("capture: both variants of a GAN's step in turns equal eager ones", "[capture]") {
  on_each_backend([](const std::string& backend) {
    INFO(backend);
    check_replay(clipped());
    check_replay(penalised());
    check_replay(tiny(GanLoss::bce));
    check_replay(upsampled());
  });
}
