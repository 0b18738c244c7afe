#include "shapes.h"

#include <algorithm>

#include <ganymede/engine/layers.h>
#include <ganymede/models/settings.h>

namespace ganymede::bench {
namespace {

bool same_shape(const BenchShape& a, const BenchShape& b) {
  const auto linear = [](const BenchShape& s) {
    return std::array{s.linear.m, s.linear.n, s.linear.k};
  };
  return a.kind == b.kind && a.conv == b.conv && linear(a) == linear(b) &&
         a.norm.rows == b.norm.rows && a.norm.channels == b.norm.channels && a.maps == b.maps;
}

void append(std::vector<BenchShape>& list, BenchShape shape) {
  const auto known = std::find_if(list.begin(), list.end(),
                                  [&](const BenchShape& s) { return same_shape(s, shape); });
  if (known == list.end())
    list.push_back(std::move(shape));
  else
    known->count += 1;
}

/// The timed layers of a module and of all in it, in forward order.
void collect(std::vector<BenchShape>& list, const std::string& name, Module& module,
             const Shape& input) {
  BenchShape s{};
  s.layer = name;
  if (const auto* conv = dynamic_cast<Conv2d*>(&module)) {
    s.kind = LayerKind::conv;
    s.conv = conv->conv_shape(input);
  } else if (const auto* transposed = dynamic_cast<ConvTranspose2d*>(&module)) {
    s.kind = LayerKind::conv_transpose;
    s.conv = transposed->conv_shape(input);
  } else if (const auto* upsampled = dynamic_cast<UpsampledConv2d*>(&module)) {
    s.kind = LayerKind::conv_transpose;
    s.conv = upsampled->conv_shape(input);
  } else if (dynamic_cast<Linear*>(&module)) {
    s.kind = LayerKind::linear;
    s.linear = {input[0], module.output_shape(input)[1], input[1]};
  } else if (dynamic_cast<BatchNorm*>(&module)) {
    const auto* joined = dynamic_cast<JoinedBatchNorm*>(&module);
    s.kind = joined ? LayerKind::joined_batch_norm : LayerKind::batch_norm;
    if (joined) s.maps = joined->widths();
    s.norm = {input.elements() / input[-1], input[-1], 1e-3f, kernels::Activation::leaky_relu,
              0.1f};
  } else {
    module.each_child(input, [&](const std::string& child, Module& layer, const Shape& extents) {
      collect(list, name + "/" + child, layer, extents);
    });
    return;
  }
  append(list, std::move(s));
}

void append_all(std::vector<BenchShape>& list, std::vector<BenchShape> more) {
  std::move(more.begin(), more.end(), std::back_inserter(list));
}

}  // namespace

int channels_of(const Recipe& recipe) {
  const auto channels = static_cast<int>(recipe.integer("data.channels"));
  return channels > 0 ? channels : 3;  // as stored: colour
}

std::vector<BenchShape> classifier_shapes(const Recipe& recipe, const std::string& network,
                                          int batch) {
  const ClassifierOptions options = classifier_options(recipe);
  const int channels = channels_of(recipe), side = options.input;
  const auto classifier = make_classifier(recipe, network, channels, 2, Rng(0, "bench"));
  std::vector<BenchShape> list;
  collect(list, recipe.name() + "/" + network, *classifier,
          {batch > 0 ? batch : options.batch, side, side, channels});
  return list;
}

BenchGan gan_of(const Recipe& recipe, int classes) {
  const bool told = recipe.text("gan.labels") == "conditional";
  return {recipe.name(), gan_options(recipe, channels_of(recipe), told ? classes : 0),
          gan_schedule(recipe).n_critic};
}

BenchGan detector_of(const Recipe& recipe) {
  return {recipe.name() + "/anogan", detector_options(recipe, channels_of(recipe)),
          detector_schedule(recipe).n_critic};
}

bool has_detector(const Recipe& recipe) { return recipe.text("data.split") == "detection"; }

GanShapes gan_shapes(const BenchGan& gan, int batch) {
  const GanNetworkOptions& o = gan.options.network;
  const Rng rng(0, "bench");
  const int n = batch > 0 ? batch : gan.options.batch;
  GanShapes shapes;
  collect(shapes.generator, gan.name + "/G", *make_generator(o, rng), generator_input(o, n));
  collect(shapes.discriminator, gan.name + "/D", *make_discriminator(o, rng),
          discriminator_input(o, n));
  return shapes;
}

std::vector<BenchShape> shapes(int batch) {
  constexpr int classes = 2;
  std::vector<BenchShape> all;
  const auto append_gan = [&](const BenchGan& gan) {
    GanShapes own = gan_shapes(gan, batch);
    append_all(all, std::move(own.generator));
    append_all(all, std::move(own.discriminator));
  };
  for (const RecipeSummary& summary : Recipe::list()) {
    const Recipe recipe = Recipe::shipped(summary.name);
    append_gan(gan_of(recipe, classes));
    if (has_detector(recipe)) append_gan(detector_of(recipe));
    for (const std::string& network : recipe.texts("classifier.networks"))
      append_all(all, classifier_shapes(recipe, network, batch));
  }
  return all;
}

}  // namespace ganymede::bench
