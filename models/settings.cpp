#include <ganymede/models/settings.h>

#include <charconv>
#include <optional>
#include <string>

#include <ganymede/kernels/error.h>
#include <ganymede/models/backbone.h>
#include <ganymede/models/densenet.h>
#include <ganymede/models/resnet.h>

namespace ganymede {
namespace {

float real(const Recipe& recipe, std::string_view key) {
  return static_cast<float>(recipe.number(key));
}
int whole(const Recipe& recipe, std::string_view key) {
  return static_cast<int>(recipe.integer(key));
}

GanModel gan_model(const std::string& name) {
  if (name == "wgan64") return GanModel::wgan64;
  if (name == "iagan64") return GanModel::iagan64;
  if (name == "dcgan128") return GanModel::dcgan128;
  if (name == "radford128") return GanModel::radford128;
  return name == "anogan64" ? GanModel::anogan64 : GanModel::dcgan32;
}

GanLoss gan_loss(const std::string& name) {
  if (name == "wasserstein") return GanLoss::wasserstein;
  return name == "least_squares" ? GanLoss::least_squares : GanLoss::bce;
}

Conditioning conditioning(const std::string& name) {
  if (name == "every-layer") return Conditioning::every_layer;
  return name == "projection" ? Conditioning::projection : Conditioning::concat;
}

SsimTerm ssim_term(const std::string& name) {
  if (name == "sample_weight") return SsimTerm::sample_weight;
  if (name == "batch_weight") return SsimTerm::batch_weight;
  return name == "added" ? SsimTerm::added : SsimTerm::none;
}

NetworkVariant network_variant(const Recipe& r) {
  return r.text("classifier.variant") == "torchvision" ? NetworkVariant::torchvision
                                                       : NetworkVariant::keras;
}

/// What the published weights of that network and variant were trained on.
std::optional<InputScaling> input_scaling(const Recipe& r, const std::string& network) {
  if (r.text("classifier.scaling") != "imagenet") return std::nullopt;
  const bool keras = network_variant(r) == NetworkVariant::keras;
  return keras && network.starts_with("resnet") ? centred_bgr : standardised;
}

DiscriminatorNorm discriminator_norm(const std::string& name) {
  if (name == "layer") return DiscriminatorNorm::layer;
  return name == "none" ? DiscriminatorNorm::none : DiscriminatorNorm::batch;
}

}  // namespace

GanOptions gan_options(const Recipe& r, int channels, int classes) {
  GanOptions o;
  o.network = {.model = gan_model(r.text("gan.model")),
               .size = whole(r, "data.size"),
               .columns = whole(r, "data.columns"),
               .channels = channels,
               .latent = whole(r, "gan.latent"),
               .classes = classes,
               .width = whole(r, "gan.width"),
               .slope = real(r, "gan.slope"),
               .dropout = real(r, "gan.dropout"),
               .bn_momentum = real(r, "gan.bn_momentum"),
               .bn_epsilon = real(r, "gan.bn_epsilon"),
               .unbiased_variance = r.flag("gan.bn_unbiased"),
               .dense_relu = r.flag("gan.dense_relu"),
               .normal_init = r.text("gan.init") == "normal",
               .norm = discriminator_norm(r.text("gan.norm")),
               .generator_width = whole(r, "gan.generator_width"),
               .conditioning = conditioning(r.text("gan.conditioning"))};
  o.batch = whole(r, "gan.batch");
  o.loss = gan_loss(r.text("gan.loss"));
  o.sigmoid = r.flag("gan.sigmoid");
  o.ssim = ssim_term(r.text("gan.ssim"));
  o.optimizer = r.text("gan.optimizer") == "rmsprop" ? GanOptimizer::rmsprop : GanOptimizer::adam;
  o.learning_rate = real(r, "gan.learning_rate");
  o.generator_rate = real(r, "gan.generator_rate");
  o.adam = {.beta1 = real(r, "gan.beta1"),
            .beta2 = real(r, "gan.beta2"),
            .epsilon = real(r, "gan.epsilon")};
  o.rmsprop = {.rho = real(r, "gan.rho"), .epsilon = real(r, "gan.epsilon")};
  o.uniform_latent = r.text("gan.z_dist") == "uniform";
  o.invert_labels = r.flag("gan.invert_labels");
  o.label_noise = real(r, "gan.label_noise");
  o.flip_labels = real(r, "gan.flip_labels");
  o.clip = real(r, "gan.clip");
  o.penalty = real(r, "gan.lambda_gp");
  o.ema = real(r, "gan.ema");
  o.one_step = r.flag("gan.one_step");
  o.reuse_fakes = r.flag("gan.reuse_fakes");
  o.input_noise = real(r, "gan.input_noise");
  return o;
}

GanSchedule gan_schedule(const Recipe& r) {
  return {.epochs = r.number("gan.epochs"),
          .shuffle = r.flag("gan.shuffle"),
          .n_critic = whole(r, "gan.n_critic"),
          .warm_up = whole(r, "gan.warm_up"),
          .late_from = r.number("gan.late_from"),
          .late_learning_rate = real(r, "gan.late_learning_rate"),
          .noise_share = r.number("gan.noise_share")};
}

GanOptions detector_options(const Recipe& r, int channels) {
  GanOptions o;
  o.network = {.model = GanModel::anogan64,
               .size = whole(r, "data.size"),
               .columns = whole(r, "data.columns"),
               .channels = channels,
               .latent = whole(r, "detect.latent"),
               .width = whole(r, "detect.width"),
               .slope = 0.2f,
               .bn_epsilon = 1e-5f,
               .normal_init = true};
  o.batch = whole(r, "detect.batch");
  o.learning_rate = real(r, "detect.learning_rate");
  o.adam.beta1 = real(r, "detect.beta1");
  o.invert_labels = false;
  o.label_noise = o.flip_labels = 0.0f;
  return o;
}

GanSchedule detector_schedule(const Recipe& r) { return {.epochs = r.number("detect.epochs")}; }

LatentSearchOptions search_options(const Recipe& r) {
  return {.feature_weight = real(r, "detect.weight"),
          .steps = whole(r, "detect.steps"),
          .restarts = whole(r, "detect.restarts"),
          .batch = whole(r, "detect.at_once"),
          .learning_rate = real(r, "detect.search_rate"),
          .patience = whole(r, "detect.patience")};
}

LatentSearchOptions augmentation_search_options(const Recipe& r) {
  LatentSearchOptions o = search_options(r);
  o.feature_weight = real(r, "detect.augment_weight");
  o.steps = whole(r, "detect.augment_steps");
  return o;
}

LatentEncoderOptions encoder_options(const Recipe& r, int channels) {
  return {.network = detector_options(r, channels).network,
          .bounded = r.flag("detect.encoder_tanh"),
          .steps = whole(r, "detect.encoder_steps"),
          .batch = whole(r, "detect.encoder_batch"),
          .learning_rate = real(r, "detect.encoder_rate"),
          .kappa = real(r, "detect.kappa"),
          .feature_weight = real(r, "detect.weight"),
          .at_once = whole(r, "detect.at_once")};
}

ClassifierOptions classifier_options(const Recipe& r) {
  ClassifierOptions o;
  o.input = whole(r, "classifier.input");
  o.batch = whole(r, "classifier.batch");
  o.steps = whole(r, "classifier.steps");
  o.evaluate_every = whole(r, "classifier.evaluate_every");
  o.optimizer = r.text("classifier.optimizer");
  o.learning_rate = real(r, "classifier.learning_rate");
  o.momentum = real(r, "classifier.momentum");
  o.weight_decay = real(r, "classifier.weight_decay");
  o.freeze_base = r.text("classifier.freeze") == "base";
  o.balanced_weights = r.text("classifier.class_weights") == "balanced";
  o.balanced_sampling = r.text("classifier.sampling") == "balanced";
  return o;
}

ClassicOptions classic_options(const Recipe& r, float strength) {
  return {
      .rotation = real(r, "classic.rotation"),
      .shift = real(r, "classic.shift"),
      .shear = real(r, "classic.shear"),
      .zoom = real(r, "classic.zoom"),
      .horizontal_flip = r.flag("classic.hflip"),
      .vertical_flip = r.flag("classic.vflip"),
      .fill = r.text("classic.fill") == "zero" ? kernels::Fill2d::zero : kernels::Fill2d::nearest,
      .elastic = real(r, "classic.elastic"),
      .elastic_grid = whole(r, "classic.elastic_grid"),
      .brightness = real(r, "classic.brightness"),
      .contrast = real(r, "classic.contrast"),
      .saturation = real(r, "classic.saturation"),
      .strength = strength};
}

CopyOptions copy_options(const Recipe& r) {
  const std::vector<double>& colour = r.numbers("classic.copy_colour");
  if (colour.size() != 2 || colour[0] > colour[1])
    throw SettingError("classic.copy_colour: expects two factors, the lower one first");
  return {.horizontal_flip = r.number("classic.copy_hflip"),
          .colour_low = colour[0],
          .colour_high = colour[1]};
}

std::unique_ptr<Classifier> make_classifier(const Recipe& r, const std::string& network,
                                            int channels, int classes, const Rng& rng) {
  const NetworkOptions o{.channels = channels,
                         .classes = classes,
                         .width = real(r, "classifier.width"),
                         .dropout = real(r, "classifier.dropout"),
                         .bn_momentum = real(r, "classifier.bn_momentum"),
                         .variant = network_variant(r),
                         .scaling = input_scaling(r, network)};
  if (const int depth = depth_of(network, "resnet")) return make_resnet(depth, o, rng);
  if (const int depth = depth_of(network, "densenet")) return make_densenet(depth, o, rng);
  throw SettingError("classifier.networks: '" + network + "' is not a network; try resnet50");
}

}  // namespace ganymede
