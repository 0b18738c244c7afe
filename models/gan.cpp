#include <ganymede/models/gan.h>

#include <algorithm>
#include <utility>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/loss.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pointwise.h>
#include <ganymede/models/conditioning.h>
#include <ganymede/models/gan_sampling.h>
#include <ganymede/models/iagan.h>
#include <ganymede/models/objective.h>

namespace ganymede {
namespace {

enum Slot {
  real_loss,
  fake_loss,
  penalty_loss,
  generator_loss,
  real_score,
  fake_score,
  discriminator_steps,
  generator_steps,
  slots
};

constexpr std::int64_t chunk = 64;  // images in one pass when nothing is learnt

OptimizerPtr optimizer_for(const Vars& parameters, float rate, const GanOptions& o) {
  return o.optimizer == GanOptimizer::rmsprop ? make_rmsprop(parameters, rate, o.rmsprop)
                                              : make_adam(parameters, rate, o.adam);
}

float generator_rate(const GanOptions& o) {
  return o.generator_rate > 0.0f ? o.generator_rate : o.learning_rate;
}

const GanOptions& checked(const GanOptions& o) {
  require_valid(o);
  return o;
}

}  // namespace

void require_valid(const GanOptions& o) {
  if (o.batch < 2) throw SettingError("gan: batch norm needs a batch of at least 2");
  if (o.one_step && o.loss != GanLoss::bce)
    throw SettingError("gan: gan.one_step is about gan.loss = \"bce\"; the others have one step");
  if (o.penalty > 0.0f && o.network.norm == DiscriminatorNorm::batch)
    throw SettingError(
        "gan: a gradient penalty does not go with batch norm in the discriminator (its gradient is "
        "per sample); set gan.norm = \"layer\"");
  if (o.ssim != SsimTerm::none &&
      (!makes_variations(o.network) || o.loss != GanLoss::least_squares))
    throw SettingError(
        "gan: SSIM compares a variation with its image: gan.ssim wants gan.model = \"iagan64\" and "
        "gan.loss = \"least_squares\"");
  GanNetworkOptions thin = o.network;  // as the model's own checks do not depend on it
  if (!makes_variations(thin)) thin.width = std::min(thin.width, 1);
  thin.generator_width = std::min(thin.generator_width, 1);
  make_generator(thin, Rng(0, "check"));
  make_discriminator(thin, Rng(0, "check"));
}

Gan::Gan(const GanOptions& options, std::uint64_t seed, std::string_view path)
    : options_(checked(options)),
      noise_(seed, std::string(path) + "/noise"),
      labels_noise_(seed, std::string(path) + "/labels"),
      mix_(seed, std::string(path) + "/penalty"),
      input_noise_(seed, std::string(path) + "/input"),
      generator_(make_generator(options.network, Rng(seed, std::string(path) + "/generator"))),
      discriminator_(
          make_discriminator(options.network, Rng(seed, std::string(path) + "/discriminator"))),
      discriminator_optimizer_(
          optimizer_for(parameters(*discriminator_), options.learning_rate, options)),
      generator_parameters_(parameters(*generator_)),
      discriminator_parameters_(parameters(*discriminator_)),
      deviation_(Tensor::full({1}, options.input_noise)),
      one_(Tensor::full({1}, 1.0f)),
      wanted_(Tensor::full({options.batch, 1}, options.invert_labels ? 0.0f : 1.0f)),
      sums_(Tensor::zeros({slots})) {
  generator_optimizer_ = optimizer_for(generator_parameters_, generator_rate(options), options);
  if (options.ema > 0.0f) {
    auto average = std::make_unique<Ema>(std::move(generator_optimizer_), options.ema);
    average_ = average.get();
    generator_optimizer_ = std::move(average);
  }
  const GanNetworkOptions& n = options.network;
  real_ = Tensor(image_extents(n, options.batch));
  if (n.classes > 0) labels_ = Tensor::zeros({options.batch}, DType::i32);
  discriminator_alone_ =
      std::make_unique<Captured>(current_stream(), [this] { discriminator_step_alone(); });
  both_ = std::make_unique<Captured>(current_stream(), [this] {
    draw_for_both();
    discriminator_step();
    generator_step();
    add_kept();
  });
}

Tensor Gan::targets(bool real) {
  const float noise = options_.label_noise;
  const std::int64_t n = options_.batch;
  const auto draw = [&](bool one, std::int64_t count) {
    return one ? labels_noise_.uniform({count, 1}, 1.0f - noise, 1.0f)
               : labels_noise_.uniform({count, 1}, 0.0f, noise);
  };
  const bool one = real != options_.invert_labels;
  const auto flipped = real ? static_cast<std::int64_t>(options_.flip_labels * float(n)) : 0;
  if (!flipped) return draw(one, n);
  return concat_rows({draw(!one, flipped), draw(one, n - flipped)}).value();
}

void Gan::keep(int slot, const Tensor& value) { kept_.emplace_back(slot, value); }

/// What a step keeps is added up in one launch at its end.
void Gan::add_kept() {
  std::vector<kernels::ScalarSum> scalars;
  for (const auto& [slot, value] : kept_) scalars.push_back({value.data(), sums_.data() + slot});
  kernels::accumulate(current_stream(), scalars);
  sums_.bump_version();
  kept_.clear();
}

void Gan::take(const Tensor& real, const Tensor& labels) {
  if (!(real.shape() == real_.shape()))
    throw UsageError("gan: a batch of " + to_string(real.shape()) + ", expected " +
                     to_string(real_.shape()));
  real_.copy_from(real);
  if (!labels_) return;
  if (!labels || !(labels.shape() == labels_.shape()))
    throw UsageError("gan: conditional networks want a class for each real of the batch");
  labels_.copy_from(labels);
}

void Gan::train_discriminator(const Tensor& real, const Tensor& labels) {
  take(real, labels);
  (*discriminator_alone_)();
}

void Gan::step(const Tensor& real, const Tensor& labels) {
  take(real, labels);
  (*both_)();
}

/// The images as the discriminator is shown them in training.
Var Gan::noisy(const Var& images) {
  if (options_.input_noise == 0.0f) return images;
  const Shape& s = images.shape();
  const Var noise = mul(expand(Var(deviation_), s), Var(input_noise_.normal(s)));
  return add(images, noise);
}

/// What the discriminator says of images of the batch's classes.
Var Gan::judge(const Var& images) {
  return discriminator_->forward(image_with_class(noisy(images), labels_, options_.network.classes),
                                 Mode::training);
}

/// The noise of both networks' steps in one launch, where a draw takes whole blocks of four words:
/// then it is the numbers that two draws give.
void Gan::draw_for_both() {
  drawn_.clear();  // of an iteration that did not come to its end
  const std::int64_t n = options_.batch;
  if (options_.reuse_fakes || n * options_.network.latent % 4) return;
  const Tensor z = draw_latent(options_, 2 * n, noise_);
  drawn_ = {z.slice(n, 2 * n), z.slice(0, n)};
}

Tensor Gan::latent_batch() {
  if (drawn_.empty()) return draw_latent(options_, options_.batch, noise_);
  const Tensor z = drawn_.back();
  drawn_.pop_back();
  return z;
}

/// What the generator gets for a batch: noise, the classes or the reals of the batch beside it.
Var Gan::generator_batch() {
  const Tensor z = latent_batch();
  if (makes_variations(options_.network)) return image_with_noise(Var(real_), Var(z));
  return latent_with_class(z, labels_, options_.network.classes);
}

/// A batch from the generator that nothing is learnt through here.
Tensor Gan::fakes() {
  const Recording recording(options_.reuse_fakes);
  const Var images = generator_->forward(generator_batch(), Mode::training);
  if (options_.reuse_fakes) shown_ = images;
  return images.value();
}

Var Gan::penalty_on(const Tensor& fake) {
  const Var penalty = gradient_penalty([this](const Var& x) { return judge(x); }, real_, fake,
                                       mix_.uniform({options_.batch}), options_.penalty);
  keep(penalty_loss, penalty.value());
  return penalty;
}

void Gan::update_discriminator(const Var& loss) {
  discriminator_optimizer_->step(grad(loss, discriminator_parameters_));
  if (options_.clip > 0.0f) clip_values(discriminator_parameters_, options_.clip);
}

void Gan::discriminator_step_alone() {
  drawn_.clear();
  discriminator_step();
  shown_ = {};  // no generator step: nothing is learnt through these
  add_kept();
}

void Gan::discriminator_step() {
  kept_.clear();  // of a step that did not come to its end
  keep(discriminator_steps, one_);
  switch (options_.loss) {
    case GanLoss::wasserstein:
      return critic_step();
    case GanLoss::least_squares:
      return least_squares_step();
    case GanLoss::bce:
      return entropy_steps();
  }
}

/// Paper 000's: an update on the reals, then one on fakes; with one_step an update on the sum.
void Gan::entropy_steps() {
  // The score is how likely the discriminator holds the batch to carry label 1.
  const auto of = [this](const Tensor& images, bool real) {
    const auto [loss, score] = binary_cross_entropy(judge(images), targets(real));
    keep(real ? real_loss : fake_loss, loss.value());
    keep(real ? real_score : fake_score, score);
    return loss;
  };
  Var loss = of(real_, true);
  const Var of_reals = options_.one_step ? loss : Var();
  if (!options_.one_step) update_discriminator(loss);

  const Tensor fake = fakes();
  loss = of(fake, false);
  if (of_reals) loss = add(loss, of_reals);
  if (options_.penalty > 0.0f) loss = add(loss, penalty_on(fake));
  update_discriminator(loss);
}

/// Arjovsky et al. 2017, algorithm 1, lines 3 to 7; with the penalty Gulrajani et al. 2017.
void Gan::critic_step() {
  const Var of_reals = mean(judge(real_));
  const Tensor fake = fakes();
  const Var of_fakes = mean(judge(fake));
  keep(real_score, of_reals.value());
  keep(fake_score, of_fakes.value());
  keep(real_loss, scale(Var(of_reals.value()), -1.0f).value());
  keep(fake_loss, of_fakes.value());
  Var loss = sub(of_fakes, of_reals);
  if (options_.penalty > 0.0f) loss = add(loss, penalty_on(fake));
  update_discriminator(loss);
}

/// Mao et al. 2017, equation 2, with its factor of a half; one step on reals and fakes.
void Gan::least_squares_step() {
  const auto scores = [&](const Var& images) {
    const Var logits = judge(images);
    return options_.sigmoid ? sigmoid(logits) : logits;
  };
  const Var of_reals = scores(real_);
  const Tensor fake = fakes();
  const Var of_fakes = scores(fake);
  keep(real_score, mean(Var(of_reals.value())).value());
  keep(fake_score, mean(Var(of_fakes.value())).value());
  const Var reals = least_squares(of_reals, 1.0f), false_ones = least_squares(of_fakes, 0.0f);
  keep(real_loss, reals.value());
  keep(fake_loss, false_ones.value());
  Var loss = combine(reals, 0.5f, false_ones, 0.5f);
  if (options_.penalty > 0.0f) loss = add(loss, penalty_on(fake));
  update_discriminator(loss);
}

Var Gan::generator_loss_of(const Var& images, const Var& logits) {
  if (options_.loss == GanLoss::wasserstein) return scale(mean(logits), -1.0f);
  if (options_.loss == GanLoss::bce) return binary_cross_entropy(logits, wanted_).loss;
  const Var scores = options_.sigmoid ? sigmoid(logits) : logits;
  switch (options_.ssim) {
    case SsimTerm::none:
      return least_squares(scores, 1.0f);
    case SsimTerm::sample_weight:
      return least_squares(scores, 1.0f, detach(dissimilarity(detach(images), real_)));
    case SsimTerm::batch_weight:
      return mul(least_squares(scores, 1.0f), mean(dissimilarity(detach(images), real_)));
    case SsimTerm::added:  // SSIM is 1 - 2 dissimilarity
      return add(least_squares(scores, 1.0f),
                 affine(mean(dissimilarity(images, real_)), -2.0f, 1.0f));
  }
  throw UsageError("gan: no such SSIM term");
}

void Gan::generator_step() {
  const Var images =
      shown_ ? std::exchange(shown_, {}) : generator_->forward(generator_batch(), Mode::training);
  const Var loss = generator_loss_of(images, judge(images));
  keep(generator_loss, loss.value());
  keep(generator_steps, one_);
  generator_optimizer_->step(grad(loss, generator_parameters_));
}

GanLosses Gan::losses() {
  const std::vector<float> v = sums_.host();
  kernels::fill(current_stream(), slots, 0.0f, sums_.data());
  sums_.bump_version();
  const auto per = [&](Slot sum, Slot steps) { return v[sum] / std::max(1.0f, v[steps]); };
  const auto mean_of = [&](Slot sum) { return per(sum, discriminator_steps); };
  const bool inverted = options_.loss == GanLoss::bce && options_.invert_labels;
  const auto score_of = [&](Slot sum) { return inverted ? 1.0f - mean_of(sum) : mean_of(sum); };
  return {mean_of(real_loss),     mean_of(fake_loss),
          mean_of(penalty_loss),  per(generator_loss, generator_steps),
          score_of(real_score),   score_of(fake_score),
          int(v[generator_steps])};
}

std::vector<Rng*> Gan::random_streams() {
  std::vector<Rng*> streams{&noise_, &labels_noise_, &mix_};
  if (options_.input_noise > 0.0f) streams.push_back(&input_noise_);
  return streams;
}

void Gan::set_input_noise(float deviation) {
  if (options_.input_noise == 0.0f)
    throw UsageError("gan: no noise on the discriminator's input; set gan.input_noise");
  deviation_.assign(std::vector{deviation});
}

void Gan::set_learning_rate(float rate) {
  generator_optimizer_->set_learning_rate(rate * generator_rate(options_) / options_.learning_rate);
  discriminator_optimizer_->set_learning_rate(rate);
}

Tensor Gan::sample(std::int64_t n, Rng& rng, int of_class, const Tensor& sources) {
  Tensor images;
  with_average(
      [&] { images = sample_generator(*generator_, options_, n, rng, of_class, sources); });
  return images;
}

std::vector<float> Gan::score(const Tensor& images, int of_class) {
  const Recording off(false);
  const int classes = options_.network.classes;
  const bool inverted = options_.loss == GanLoss::bce && options_.invert_labels;
  std::vector<float> scores;
  for (std::int64_t i = 0, n = images.shape()[0]; i < n; i += chunk) {
    const std::int64_t end = std::min(n, i + chunk);
    const Var x = image_with_class(Var(images.slice(i, end)),
                                   same_label(end - i, of_class, classes), classes);
    for (float s : discriminator_->forward(x, Mode::inference).value().host())
      scores.push_back(inverted ? -s : s);
  }
  return scores;
}

}  // namespace ganymede
