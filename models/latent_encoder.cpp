#include <ganymede/models/latent_encoder.h>

#include <algorithm>
#include <string>

#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/pointwise.h>
#include <ganymede/engine/ops/reduce.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/anogan.h>

namespace ganymede {
namespace {

LatentEncoderOptions checked(LatentEncoderOptions o, const SearchSpace& space) {
  require_valid(o);
  if (space.latent < 1) throw SettingError("latent encoder: the space's z has no length");
  o.network.latent = int(space.latent);
  return o;
}

Var mean_square(const Var& x, const Tensor& y) { return mean(square(sub(x, Var(y)))); }

}  // namespace

void require_valid(const LatentEncoderOptions& o) {
  if (!(o.feature_weight >= 0.0f && o.feature_weight <= 1.0f))
    throw SettingError("latent encoder: the weight of the features lies outside [0, 1]");
  if (!(o.kappa >= 0.0f)) throw SettingError("latent encoder: kappa must not be negative");
  if (o.steps < 1 || o.batch < 1 || o.at_once < 1)
    throw SettingError("latent encoder: steps, batch and at_once must be at least 1");
  if (!(o.learning_rate > 0.0f)) throw SettingError("latent encoder: the learning rate is not > 0");
  if (o.network.width < 1 || o.network.channels < 1 || o.network.classes != 0)
    throw SettingError("latent encoder: width and channels must be positive, without classes");
}

LatentEncoder::LatentEncoder(SearchSpace space, const LatentEncoderOptions& options,
                             std::uint64_t seed, std::string_view path)
    : space_(std::move(space)),
      options_(checked(options, space_)),
      network_(anogan_encoder(options_.network, options_.bounded,
                              Rng(seed, std::string(path) + "/encoder"))),
      parameters_(parameters(*network_)),
      optimizer_(make_rmsprop(parameters_, options_.learning_rate, options_.rmsprop)),
      images_(discriminator_input(options_.network, options_.batch)),
      sums_(Tensor::zeros({4})),
      captured_(std::make_unique<Captured>(current_stream(), [this] { update(); })) {}

void LatentEncoder::update() {
  const Var found = space_.generate(images_, network_->forward(Var(images_), Mode::training));
  const Var pixels = mean_square(found, images_);
  const Var features =
      mean_square(flatten(space_.features(found)), query_features(space_, images_));
  const Var loss = combine(pixels, 1.0f, features, options_.kappa);
  {
    const Recording off(false);
    const auto entry = [](const Var& x) { return reshape(x, {1}); };
    const Var now =
        concat({entry(loss), entry(pixels), entry(features), Var(Tensor::full({1}, 1.0f))});
    sums_.copy_from(add(Var(sums_), now).value());
  }
  optimizer_->step(grad(loss, parameters_));
}

void LatentEncoder::step(const Tensor& images) {
  if (!(images.shape() == images_.shape()))
    throw UsageError("latent encoder: a batch of " + to_string(images.shape()) + ", expected " +
                     to_string(images_.shape()));
  images_.copy_from(images);
  (*captured_)();
}

EncoderLosses LatentEncoder::losses() {
  const std::vector<float> v = sums_.host();
  sums_.copy_from(Tensor::zeros({4}));
  const float steps = std::max(1.0f, v[3]);
  return {v[0] / steps, v[1] / steps, v[2] / steps};
}

/// Batches are always whole ones: products may be split otherwise where there are fewer rows.
void LatentEncoder::answer(const Tensor& queries, std::int64_t begin, std::int64_t end,
                           LatentMatches& to) {
  const Tensor batch = filled_up(queries.slice(begin, end), options_.at_once);
  const Var z = network_->forward(Var(batch), Mode::inference);
  const Var images = space_.generate(batch, z);
  const LatentDistances d = latent_distances(space_, images, batch, query_features(space_, batch),
                                             options_.feature_weight);
  const std::int64_t count = end - begin;
  to.z.slice(begin, end).copy_from(z.value().slice(0, count));
  to.images.slice(begin, end).copy_from(images.value().slice(0, count));
  const auto r = d.residual.value().host(), f = d.discrimination.value().host(),
             a = d.score.value().host();
  for (std::size_t i = 0; i < std::size_t(count); ++i) to.matches.push_back({r[i], f[i], a[i], 0});
}

LatentMatches LatentEncoder::run(const Tensor& queries) {
  require_images(queries, "latent encoder");
  const std::int64_t count = queries.shape()[0];
  if (!(queries.shape() == discriminator_input(options_.network, count)))
    throw ShapeError("latent encoder: images of " + to_string(queries.shape()) + ", it learnt " +
                     to_string(discriminator_input(options_.network, count)));
  const Recording off(false);
  LatentMatches found{{}, Tensor({count, space_.latent}), Tensor(queries.shape())};
  for (std::int64_t i = 0; i < count; i += options_.at_once)
    answer(queries, i, std::min<std::int64_t>(count, i + options_.at_once), found);
  return found;
}

}  // namespace ganymede
