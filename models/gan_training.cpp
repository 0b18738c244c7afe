#include <ganymede/models/gan_training.h>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/pixels.h>

namespace ganymede {
namespace {

std::int64_t iterations_of(double epochs, std::int64_t images, int batch) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(epochs * double(images) / batch)));
}

/// The network as it is trained and sampled; inspect shows the extents for one image.
Shape latent_input(const GanOptions& o) { return {1, o.network.latent}; }
Shape image_input(const GanOptions& o) {
  return {1, o.network.size, o.network.size, o.network.channels};
}

struct NamedSeries {
  const char* name;
  std::vector<float> GanHistory::*member;
};
constexpr NamedSeries series[] = {{"iteration", &GanHistory::iteration},
                                  {"discriminator_loss", &GanHistory::discriminator},
                                  {"generator_loss", &GanHistory::generator},
                                  {"confidence_real", &GanHistory::confidence_real},
                                  {"confidence_fake", &GanHistory::confidence_fake}};

}  // namespace

GanTraining::GanTraining(const GanOptions& options, Tensor images, double epochs, bool shuffle,
                         std::uint64_t seed, const std::string& path)
    : gan_(options, seed, path),
      images_(std::move(images)),
      index_({options.batch}, DType::i32),
      order_(images_.shape()[0], seed, path + "/order", shuffle),
      iterations_(iterations_of(epochs, images_.shape()[0], options.batch)),
      log_every_(std::max<std::int64_t>(1, iterations_ / 500)),
      path_(path) {}

double GanTraining::epochs_done() const {
  return double(done_) * gan_.options().batch / double(images_.shape()[0]);
}

void GanTraining::advance() {
  index_.assign(order_.batch(done_, gan_.options().batch));
  gan_.step(gather_images(images_, index_));
  ++done_;
  if (done_ % log_every_ == 0 || finished()) log();
}

void GanTraining::log() {
  const GanLosses now = gan_.losses();
  const float discriminator = (now.discriminator_real + now.discriminator_fake) / 2.0f;
  if (!std::isfinite(discriminator) || !std::isfinite(now.generator))
    throw Error("gan '" + path_ + "': the loss is no longer finite at iteration " +
                std::to_string(done_) +
                "; lower gan.learning_rate, or go on from the last checkpoint with another seed");
  history_.iteration.push_back(float(done_));
  history_.discriminator.push_back(discriminator);
  history_.generator.push_back(now.generator);
  history_.confidence_real.push_back(now.confidence_real);
  history_.confidence_fake.push_back(now.confidence_fake);
}

void GanTraining::save(const std::string& path, const std::string& recipe) {
  CheckpointWriter writer;
  writer.add_network("generator", gan_.generator(), latent_input(gan_.options()));
  writer.add_network("discriminator", gan_.discriminator(), image_input(gan_.options()));
  writer.add_optimizer("generator", gan_.generator_optimizer());
  writer.add_optimizer("discriminator", gan_.discriminator_optimizer());
  for (Rng* rng : gan_.random_streams()) writer.add_random(*rng);
  writer.add_counter("iteration", done_);
  writer.add_counter("images", images_.shape()[0]);
  writer.add_counter("channels", gan_.options().network.channels);
  writer.add_text("recipe", recipe);
  writer.add_text("path", path_);
  // What is sampled from: the average where there is one.
  if (gan_.options().ema > 0.0f)
    gan_.with_average(
        [&] { writer.add_network("average", gan_.generator(), latent_input(gan_.options())); });
  for (const NamedSeries& s : series) writer.add_series(s.name, history_.*s.member);
  std::move(writer).save(path);
}

void GanTraining::resume(const std::string& path) {
  const CheckpointReader reader(path);
  if (reader.counter("images") != images_.shape()[0])
    throw FormatError("checkpoint '" + path + "' was trained on " +
                      std::to_string(reader.counter("images")) + " images, here are " +
                      std::to_string(images_.shape()[0]) + "; give the same data or another --out");
  reader.load_network("generator", gan_.generator());
  reader.load_network("discriminator", gan_.discriminator());
  reader.load_optimizer("generator", gan_.generator_optimizer());
  reader.load_optimizer("discriminator", gan_.discriminator_optimizer());
  for (Rng* rng : gan_.random_streams()) reader.load_random(*rng);
  done_ = reader.counter("iteration");
  for (const NamedSeries& s : series) history_.*s.member = reader.series(s.name);
}

void save_weights(Gan& gan, const std::string& recipe, const std::string& generator_path,
                  const std::string& discriminator_path) {
  const auto save = [&](const char* name, Module& network, const Shape& input,
                        const std::string& path) {
    CheckpointWriter writer;
    writer.add_root_network(name, network, input);
    writer.add_counter("channels", gan.options().network.channels);
    writer.add_text("recipe", recipe);
    std::move(writer).save(path);
  };
  gan.with_average(
      [&] { save("generator", gan.generator(), latent_input(gan.options()), generator_path); });
  save("discriminator", gan.discriminator(), image_input(gan.options()), discriminator_path);
}

}  // namespace ganymede
