// Extractors made of a network in a .h5: which one it is, how it wants its images, what is read.

#include <algorithm>
#include <functional>
#include <set>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/engine/ops/copy.h>
#include <ganymede/engine/ops/resample.h>
#include <ganymede/engine/weights.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/densenet.h>
#include <ganymede/models/feature_extractor.h>
#include <ganymede/models/inception.h>
#include <ganymede/models/resnet.h>
#include <ganymede/models/saved_classifier.h>

namespace ganymede {
namespace {

using Features = std::function<Var(const Var&)>;
using Layers = std::set<std::string>;
using Extractor = std::unique_ptr<FeatureExtractor>;

/// Large images: as many as keep both cores busy and stay far below a gigabyte.
constexpr int chunk = 16;

class NetworkFeatures : public FeatureExtractor {
 public:
  NetworkFeatures(FeatureInfo info, Features network)
      : FeatureExtractor(std::move(info), chunk), network_(std::move(network)) {}

 protected:
  Tensor rows(const Tensor& images) override { return network_(images).value(); }

 private:
  Features network_;
};

std::string bilinear_to(int side) {
  const std::string s = std::to_string(side);
  return "bilinear to " + s + "x" + s + " without antialias";
}

int chosen_dims(const std::string& name, int asked, int only) {
  if (asked == 0 || asked == only) return only;
  throw SettingError(name + ": has features of " + std::to_string(only) + " dimensions, not " +
                     std::to_string(asked));
}

/// Grey repeated where the network wants three channels; colour is never turned to grey unasked.
Var with_channels(const std::string& name, const Var& x, int channels) {
  const std::int64_t have = x.shape()[3];
  if (have == channels) return x;
  if (have == 1) return concat(Vars(std::size_t(channels), x));
  throw ShapeError(name + ": images have " + std::to_string(have) + " channels, the network has " +
                   std::to_string(channels) + "; mend: bring the images to that many");
}

Extractor inception_features(const std::string& path, InceptionVariant variant, int dims) {
  auto network = std::make_shared<Inception>(variant, Rng(0, "inception"));
  load_inception(path, variant, *network);
  const bool keras = variant == InceptionVariant::keras;
  const int chosen = dims ? dims : 2048;
  const bool published = !keras && known_published(path);
  const std::string whose = keras       ? "Keras's weights"
                            : published ? "published weights"
                                        : "weights not known to be the published ones";
  FeatureInfo info{.name = "Inception-v3 (" + whose + ")",
                   .dims = chosen,
                   .resize = bilinear_to(299),
                   .fid = published};
  if (chosen != 768 && chosen != 2048) chosen_dims(info.name, chosen, 2048);
  return std::make_unique<NetworkFeatures>(std::move(info), [network, chosen](const Var& images) {
    return network->features(inception_input(images), chosen);
  });
}

using NetworkMaker = std::unique_ptr<Classifier>(int, const NetworkOptions&, const Rng&);

struct KerasNetwork {
  std::string name;
  NetworkMaker* make;
  int depth;
  InputScaling scaling;
};

Extractor keras_features(const std::string& path, const KerasNetwork& keras, int dims) {
  constexpr int side = 224;
  std::shared_ptr<Classifier> network = keras.make(
      keras.depth, {.channels = 3, .classes = 1000, .scaling = keras.scaling}, Rng(0, "features"));
  const WeightOptions options{.head = "predictions"};
  refuse_partly_loaded(path, load_weights(path, *network, options),
                       {keras.name, options.head, "take Keras's published file"});
  const std::string name = keras.name + " (Keras's weights)";
  FeatureInfo info{.name = name,
                   .dims = chosen_dims(name, dims, int(network->feature_count())),
                   .resize = bilinear_to(side)};
  return std::make_unique<NetworkFeatures>(std::move(info), [network, name](const Var& images) {
    const Var x = with_channels(name, resize_bilinear(images, side, side), 3);
    return network->features(x, Mode::inference);
  });
}

Extractor classifier_features(const std::string& path, const std::string& kind, int dims) {
  SavedClassifier saved = load_classifier(path);
  const int side = int(saved.recipe.integer("classifier.input")), channels = saved.channels;
  std::shared_ptr<Classifier> network = std::move(saved.network);
  const std::string name = kind + " trained here ('" + path + "')";
  FeatureInfo info{.name = name,
                   .dims = chosen_dims(name, dims, int(network->middle_feature_count())),
                   .resize = bilinear_to(side)};
  return std::make_unique<NetworkFeatures>(
      std::move(info), [network, name, side, channels](const Var& images) {
        const Var x = with_channels(name, images, channels);
        return network->middle_features(resize_bilinear(x, side, side), Mode::inference);
      });
}

int blocks_of(const Layers& layers, const std::string& stage, const std::string& last) {
  int blocks = 0;
  while (layers.contains(stage + "_block" + std::to_string(blocks + 1) + last)) ++blocks;
  return blocks;
}

/// By how many blocks its stages have; depth 0 where it is none of Keras's.
KerasNetwork keras_network(const Layers& layers) {
  const auto depth_by = [](int blocks, std::initializer_list<std::pair<int, int>> depths) {
    for (const auto& [count, depth] : depths)
      if (count == blocks) return depth;
    return 0;
  };
  if (const int depth =
          depth_by(blocks_of(layers, "conv4", "_3_conv"), {{6, 50}, {23, 101}, {36, 152}}))
    return {"ResNet-" + std::to_string(depth), make_resnet, depth, centred_bgr};
  if (const int depth =
          depth_by(blocks_of(layers, "conv4", "_2_conv"), {{24, 121}, {32, 169}, {48, 201}}))
    return {"DenseNet-" + std::to_string(depth), make_densenet, depth, standardised};
  return {"", nullptr, 0, centred_bgr};
}

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw FormatError("features from '" + path + "': " + what +
                    "; accepted are Inception-v3 as tools/convert_inception.py writes it, Keras's "
                    "published Inception-v3, ResNet-50/101/152 and DenseNet-121/169/201 "
                    "(keras-applications 2019 or newer), and a run's classifiers/<arm>/*.h5");
}

Layers layers_of(const CheckpointReader& reader) {
  Layers layers;
  for (const LayerRow& row : reader.layers(reader.networks().front())) layers.insert(row.name);
  return layers;
}

}  // namespace

Extractor network_features(const std::string& path, int dims) {
  const CheckpointReader reader(path);
  if (!reader.foreign()) {
    if (reader.has_network("classifier") && reader.has_text("network"))
      return classifier_features(path, reader.text("network"), dims);
    std::string held;
    for (const std::string& network : reader.networks()) held += " '" + network + "'";
    refuse(path, "it holds" + (held.empty() ? " no network" : held) + ", no classifier");
  }
  const Layers layers = layers_of(reader);
  if (layers.contains("Mixed_5b_branch1x1_conv"))
    return inception_features(path, InceptionVariant::fid, dims);
  const auto numbered = [](const std::string& l) { return l.starts_with("batch_normalization"); };
  if (std::ranges::count_if(layers, numbered) == 94)
    return inception_features(path, InceptionVariant::keras, dims);
  if (const KerasNetwork keras = keras_network(layers); keras.depth)
    return keras_features(path, keras, dims);
  if (layers.contains("res2a_branch2a")) refuse(path, "these are ResNet weights of 2016");
  refuse(path, "its layers ('" + (layers.empty() ? "" : *layers.begin()) +
                   "', ...) are of another network");
}

}  // namespace ganymede
