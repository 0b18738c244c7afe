#include <ganymede/tools/study/work_estimate.h>

#include <algorithm>
#include <chrono>

namespace ganymede::study {

namespace {

Tensor noise_batch(const GanOptions& options) {
  return Rng(0, "plan").uniform(image_extents(options.network, options.batch), -1.0f, 1.0f);
}

/// Classes for it; none for a GAN without.
Tensor some_classes(const GanOptions& options) {
  if (options.network.classes == 0) return {};
  return Tensor::zeros({options.batch}, DType::i32);
}

/// Of a call like all that follow: on CUDA a step's first runs eagerly, the second is recorded.
double seconds_of_repeated(const std::function<void()>& step) {
  const bool records = current_stream().device().kind == DeviceKind::cuda;
  for (int before = records ? 2 : 1; before > 0; --before) step();
  return seconds_of(step);
}

}  // namespace

NetworkBytes bytes_of(Module& module) {
  const Counts counts = count_parameters(module);
  return {16.0 * double(counts.trainable) + 4.0 * double(counts.fixed),
          4.0 * double(counts.trainable + counts.fixed)};
}

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double seconds_of_step(Gan& gan) {
  const Tensor batch = noise_batch(gan.options()), classes = some_classes(gan.options());
  return seconds_of_repeated([&] { gan.step(batch, classes), gan.losses(); });
}

double seconds_of_discriminator_step(Gan& gan) {
  const Tensor batch = noise_batch(gan.options()), classes = some_classes(gan.options());
  return seconds_of_repeated([&] { gan.train_discriminator(batch, classes), gan.losses(); });
}

void run_once(Gan& gan) {
  constexpr int pictures = 64;  // in a grid of samples, and in one pass
  const Tensor batch = noise_batch(gan.options());
  gan.step(batch, some_classes(gan.options()));
  Rng noise(0, "plan/pictures");
  gan.score(gan.sample(pictures, noise, 0, batch));
  gan.losses();
}

/// A checkpoint holds weights and moments, and its predecessor is kept; weight files stand beside
/// it.
void add_gan_sizes(Gan& gan, std::int64_t gans, double memory, WorkEstimate& plan) {
  const NetworkBytes g = bytes_of(gan.generator()), d = bytes_of(gan.discriminator());
  plan.memory_bytes = std::max(plan.memory_bytes, memory);
  plan.disk_bytes += double(gans) * (2 * (g.training + d.training) + g.file + d.file);
}

}  // namespace ganymede::study
