#include <ganymede/models/gan.h>

#include <algorithm>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/objective.h>

namespace ganymede {
namespace {

enum Slot { real_loss, fake_loss, generator_loss, real_share, fake_share, slots };

OptimizerPtr adam_for(const Vars& parameters, const GanOptions& o) {
  return make_adam(parameters, o.learning_rate, o.adam);
}

/// Mean of sigmoid(logits): how likely the discriminator holds the batch to carry label 1.
Tensor mean_sigmoid(const Var& logits) {
  const Recording off(false);
  return mean(sigmoid(logits)).value();
}

}  // namespace

Gan::Gan(const GanOptions& options, std::uint64_t seed, std::string_view path)
    : options_(options),
      noise_(seed, std::string(path) + "/noise"),
      labels_(seed, std::string(path) + "/labels"),
      mix_(seed, std::string(path) + "/penalty"),
      generator_(dcgan_generator(options.network, Rng(seed, std::string(path) + "/generator"))),
      discriminator_(
          dcgan_discriminator(options.network, Rng(seed, std::string(path) + "/discriminator"))),
      discriminator_optimizer_(adam_for(parameters(*discriminator_), options)),
      generator_parameters_(parameters(*generator_)),
      discriminator_parameters_(parameters(*discriminator_)),
      losses_(Tensor::zeros({slots})) {
  if (options.batch < 2) throw SettingError("gan: batch norm needs a batch of at least 2");
  if (options.penalty > 0.0f && !options.network.layer_norm)
    throw SettingError(
        "gan: a gradient penalty does not go with batch norm in the discriminator (its gradient is "
        "per "
        "sample); set gan.norm = \"layer\"");
  generator_optimizer_ = adam_for(generator_parameters_, options);
  if (options.ema > 0.0f) {
    auto average = std::make_unique<Ema>(std::move(generator_optimizer_), options.ema);
    average_ = average.get();
    generator_optimizer_ = std::move(average);
  }
  const DcganOptions& n = options.network;
  real_ = Tensor({options.batch, n.size, n.size, n.channels});
  iteration_ = std::make_unique<Captured>(current_stream(), [this] { iterate(); });
}

Tensor Gan::targets(bool real) {
  const float noise = options_.label_noise;
  const std::int64_t n = options_.batch;
  const auto draw = [&](bool one, std::int64_t count) {
    return one ? labels_.uniform({count, 1}, 1.0f - noise, 1.0f)
               : labels_.uniform({count, 1}, 0.0f, noise);
  };
  const bool one = real != options_.invert_labels;
  const auto flipped = real ? static_cast<std::int64_t>(options_.flip_labels * float(n)) : 0;
  if (!flipped) return draw(one, n);
  return concat_rows({draw(!one, flipped), draw(one, n - flipped)}).value();
}

void Gan::keep(int slot, const Tensor& value) { losses_.slice(slot, slot + 1).copy_from(value); }

void Gan::step(const Tensor& real) {
  if (!(real.shape() == real_.shape()))
    throw UsageError("gan: a batch of " + to_string(real.shape()) + ", expected " +
                     to_string(real_.shape()));
  real_.copy_from(real);
  (*iteration_)();
}

void Gan::iterate() {
  Var logits = discriminator_->forward(real_, Mode::training);
  const auto update = [&](const Var& loss) {
    discriminator_optimizer_->step(grad(loss, discriminator_parameters_));
  };
  Var loss = binary_cross_entropy(logits, targets(true));
  keep(real_loss, loss.value());
  keep(real_share, mean_sigmoid(logits));
  update(loss);

  Tensor fake;
  {
    const Recording off(false);
    fake =
        generator_->forward(draw_latent(options_, options_.batch, noise_), Mode::training).value();
  }
  logits = discriminator_->forward(fake, Mode::training);
  loss = binary_cross_entropy(logits, targets(false));
  keep(fake_loss, loss.value());
  keep(fake_share, mean_sigmoid(logits));
  if (options_.penalty > 0.0f)
    loss = add(loss, gradient_penalty(*discriminator_, real_, fake, mix_.uniform({options_.batch}),
                                      options_.penalty));
  update(loss);
  logits = loss = Var();

  generator_step();
}

void Gan::generator_step() {
  const Var images =
      generator_->forward(draw_latent(options_, options_.batch, noise_), Mode::training);
  const Var logits = discriminator_->forward(images, Mode::training);
  const float wanted = options_.invert_labels ? 0.0f : 1.0f;  // the label of a real, without noise
  const Var loss = binary_cross_entropy(logits, Tensor::full({options_.batch, 1}, wanted));
  keep(generator_loss, loss.value());
  generator_optimizer_->step(grad(loss, generator_parameters_));
}

GanLosses Gan::losses() const {
  const std::vector<float> v = losses_.host();
  const auto share = [&](float s) { return options_.invert_labels ? 1.0f - s : s; };
  return {v[real_loss], v[fake_loss], v[generator_loss], share(v[real_share]),
          share(v[fake_share])};
}

Tensor Gan::sample(std::int64_t n, Rng& rng) {
  Tensor images;
  with_average([&] { images = sample_generator(*generator_, options_, n, rng); });
  return images;
}

Tensor sample_generator(Sequential& generator, const GanOptions& options, std::int64_t n,
                        Rng& rng) {
  const Recording off(false);
  const DcganOptions& o = options.network;
  Tensor images({n, o.size, o.size, o.channels});
  constexpr std::int64_t chunk = 64;
  for (std::int64_t i = 0; i < n; i += chunk) {
    const std::int64_t end = std::min(n, i + chunk);
    const Tensor z = draw_latent(options, end - i, rng);
    images.slice(i, end).copy_from(generator.forward(z, Mode::inference).value());
  }
  return images;
}

Tensor draw_latent(const GanOptions& options, std::int64_t n, Rng& rng) {
  const Shape shape{n, options.network.latent};
  return options.uniform_latent ? rng.uniform(shape, -1.0f, 1.0f) : rng.normal(shape);
}

}  // namespace ganymede
