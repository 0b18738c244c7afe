#include <ganymede/models/gan_training.h>

#include <algorithm>
#include <cmath>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/pixels.h>

namespace ganymede {
namespace {

std::int64_t iterations_of(double epochs, std::int64_t images, int batch) {
  const double iterations = std::ceil(epochs * double(images) / batch);
  if (!(iterations < 1e15))
    throw SettingError("epochs: " + std::to_string(epochs) + " passes over " +
                       std::to_string(images) + " images never end; set fewer");
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(iterations));
}

struct NamedSeries {
  const char* name;
  std::vector<float> GanHistory::*member;
};
constexpr NamedSeries series[] = {{"iteration", &GanHistory::iteration},
                                  {"discriminator_loss", &GanHistory::discriminator},
                                  {"generator_loss", &GanHistory::generator},
                                  {"score_real", &GanHistory::score_real},
                                  {"score_fake", &GanHistory::score_fake}};

float discriminator_loss(const GanLosses& now, GanLoss loss) {
  return loss == GanLoss::wasserstein
             ? now.discriminator_real + now.discriminator_fake + now.penalty
             : (now.discriminator_real + now.discriminator_fake) / 2.0f;
}

void require_images(const ResidentSet& set, const GanNetworkOptions& network,
                    const std::string& path) {
  const Shape wanted = image_extents(network, set.images.shape()[0]);
  if (!(set.images.shape() == wanted))
    throw UsageError("gan '" + path + "': images of " + to_string(set.images.shape()) +
                     ", the networks make " + to_string(wanted));
}

}  // namespace

std::vector<float> GanHistory::wasserstein() const {
  std::vector<float> estimate;
  for (std::size_t i = 0; i < score_real.size(); ++i)
    estimate.push_back(score_real[i] - score_fake[i]);
  return estimate;
}

GanTraining::GanTraining(const GanOptions& options, const GanSchedule& schedule, ResidentSet images,
                         std::uint64_t seed, const std::string& path)
    : gan_(options, seed, path),
      schedule_(schedule),
      data_(std::move(images)),
      index_({options.batch}, DType::i32),
      order_(data_.images.shape()[0], seed, path + "/order", schedule.shuffle),
      iterations_(iterations_of(schedule.epochs, data_.images.shape()[0], options.batch)),
      log_every_(std::max<std::int64_t>(1, iterations_ / 500)),
      seed_(seed),
      path_(path) {
  require_images(data_, options.network, path);
  if (options.network.classes == 0) return;
  require_labels(data_, options.network.classes, "gan '" + path + "'");
  labels_ = Tensor({options.batch}, DType::i32);
  balanced_.emplace(data_.labels, seed, path + "/order");
}

double GanTraining::epochs_done() const {
  return double(done_) * gan_.options().batch / double(data_.images.shape()[0]);
}

void GanTraining::follow_learning_rate() {
  if (late_ || schedule_.late_from <= 0 || epochs_done() < schedule_.late_from) return;
  gan_.set_learning_rate(schedule_.late_learning_rate);
  late_ = true;
}

void GanTraining::follow_noise() {
  const float first = gan_.options().input_noise;
  if (first > 0.0f) gan_.set_input_noise(first * schedule_.noise_left(done_, iterations_));
}

/// Random numbers of each iteration by its number, so that nothing of them needs to be saved.
Tensor GanTraining::augmented(const Tensor& real) const {
  if (!schedule_.classic) return real;
  return ClassicAugmentation(*schedule_.classic, seed_,
                             path_ + "/augment/" + std::to_string(done_))(real);
}

void GanTraining::advance() {
  follow_learning_rate();
  follow_noise();
  const int batch = gan_.options().batch;
  const std::vector<std::int32_t> rows =
      balanced_ ? balanced_->batch(done_, batch) : order_.batch(done_, batch);
  index_.assign(rows);
  if (labels_) {
    std::vector<std::int32_t> labels;
    for (std::int32_t row : rows) labels.push_back(data_.labels[std::size_t(row)]);
    labels_.assign(labels);
  }
  const Tensor real = augmented(gather_images(data_.images, index_));
  ++since_update_;
  if (since_update_ < schedule_.critic_steps(updates_)) {
    gan_.train_discriminator(real, labels_);
  } else {
    gan_.step(real, labels_);
    ++updates_;
    since_update_ = 0;
  }
  ++done_;
  if (watch_ && (watch_->due(done_) || done_ >= iterations_)) watch_->look(*this);
  if (done_ % log_every_ == 0 || finished()) log();
}

void GanTraining::log() {
  const GanLosses now = gan_.losses();
  const float discriminator = discriminator_loss(now, gan_.options().loss);
  if (!std::isfinite(discriminator) || !std::isfinite(now.generator))
    throw Error("gan '" + path_ + "': the loss is no longer finite at iteration " +
                std::to_string(done_) +
                "; lower gan.learning_rate, or go on from the last checkpoint with another seed");
  history_.iteration.push_back(float(done_));
  history_.discriminator.push_back(discriminator);
  // A long warm-up of the critic may pass without a generator step.
  const bool stood = now.generator_steps == 0 && !history_.generator.empty();
  history_.generator.push_back(stood ? history_.generator.back() : now.generator);
  history_.score_real.push_back(now.score_real);
  history_.score_fake.push_back(now.score_fake);
}

/// What a generator of variations varies; nothing for others.
Tensor GanTraining::sources(std::int64_t n) const {
  if (!makes_variations(gan_.options().network)) return {};
  return gather_images(data_.images.slice(0, std::min(n, data_.images.shape()[0])), {});
}

Sequential* GanTraining::kept_generator() {
  return watch_ && finished() ? watch_->best() : nullptr;
}

Tensor GanTraining::sample_now(std::int64_t n, Rng& rng, int of_class) {
  return gan_.sample(n, rng, of_class, sources(n));
}

Tensor GanTraining::sample(std::int64_t n, Rng& rng, int of_class) {
  Sequential* kept = kept_generator();
  if (!kept) return sample_now(n, rng, of_class);
  return sample_generator(*kept, gan_.options(), n, rng, of_class, sources(n));
}

void GanTraining::save(const std::string& path, const GanNotes& notes) {
  const GanNetworkOptions& network = gan_.options().network;
  CheckpointWriter writer;
  writer.add_network("generator", gan_.generator(), generator_input(network, 1));
  writer.add_network("discriminator", gan_.discriminator(), discriminator_input(network, 1));
  writer.add_optimizer("generator", gan_.generator_optimizer());
  writer.add_optimizer("discriminator", gan_.discriminator_optimizer());
  for (Rng* rng : gan_.random_streams()) writer.add_random(*rng);
  writer.add_counter("iteration", done_);
  writer.add_counter("generator_updates", updates_);
  writer.add_counter("since_update", since_update_);
  writer.add_counter("late", late_);
  writer.add_counter("images", data_.images.shape()[0]);
  add_notes(writer, notes, network);
  writer.add_text("path", path_);
  // What is sampled from: the average where there is one.
  if (gan_.options().ema > 0.0f)
    gan_.with_average(
        [&] { writer.add_network("average", gan_.generator(), generator_input(network, 1)); });
  for (const NamedSeries& s : series) writer.add_series(s.name, history_.*s.member);
  writer.add_series("loss_sums", gan_.loss_sums());
  if (watch_) watch_->save(writer, network);
  std::move(writer).save(path);
}

void GanTraining::resume(const std::string& path) {
  const CheckpointReader reader(path);
  if (reader.counter("images") != data_.images.shape()[0])
    throw FormatError("checkpoint '" + path + "' was trained on " +
                      std::to_string(reader.counter("images")) + " images, here are " +
                      std::to_string(data_.images.shape()[0]) +
                      "; give the same data or another --out");
  reader.load_network("generator", gan_.generator());
  reader.load_network("discriminator", gan_.discriminator());
  reader.load_optimizer("generator", gan_.generator_optimizer());
  reader.load_optimizer("discriminator", gan_.discriminator_optimizer());
  for (Rng* rng : gan_.random_streams()) reader.load_random(*rng);
  done_ = reader.counter("iteration");
  updates_ = reader.counter("generator_updates");
  since_update_ = reader.counter("since_update");
  late_ = reader.counter("late") != 0;
  for (const NamedSeries& s : series) history_.*s.member = reader.series(s.name);
  gan_.restore_loss_sums(reader.series("loss_sums"));
  if (watch_) watch_->load(reader, gan_.options().network);
}

void GanTraining::save_weights(const GanNotes& notes, const std::string& generator_path,
                               const std::string& discriminator_path) {
  const GanNetworkOptions& network = gan_.options().network;
  const auto save = [&](const char* name, Module& module, const Shape& input,
                        const std::string& path) {
    CheckpointWriter writer;
    writer.add_root_network(name, module, input);
    add_notes(writer, notes, network);
    std::move(writer).save(path);
  };
  const auto save_generator = [&](Sequential& generator) {
    save("generator", generator, generator_input(network, 1), generator_path);
  };
  if (Sequential* kept = kept_generator())
    save_generator(*kept);
  else
    gan_.with_average([&] { save_generator(gan_.generator()); });
  save("discriminator", gan_.discriminator(), discriminator_input(network, 1), discriminator_path);
}

}  // namespace ganymede
