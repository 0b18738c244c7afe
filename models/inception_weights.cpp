// Inception's weights: by name from our layout, by order of creation from Keras's.

#include <algorithm>
#include <charconv>
#include <map>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/checkpoint_keras.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/inception.h>

namespace ganymede {
namespace {

constexpr std::size_t units = 94;

/// "conv2d_17" with prefix "conv2d": 17; "conv2d": 0; -1 for another layer.
int number_of(const std::string& layer, const std::string& prefix) {
  if (layer == prefix) return 0;
  if (!layer.starts_with(prefix + "_")) return -1;
  int number = 0;
  const char *begin = layer.data() + prefix.size() + 1, *end = layer.data() + layer.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  return stop == end && error == std::errc() ? number : -1;
}

using Names = std::map<std::string, std::string>;

/// Our layers ending in `suffix`, in the order of creation.
std::vector<std::string> our_layers(Inception& network, const std::string& suffix) {
  std::vector<std::string> layers;
  for (const NamedState& state : state_of(network)) {
    const std::string layer = keras::layer_name(state);
    if (layer.ends_with(suffix) && (layers.empty() || layers.back() != layer))
      layers.push_back(layer);
  }
  return layers;
}

void add_numbered(const CheckpointReader& reader, const std::string& path,
                  const std::string& prefix, const std::vector<std::string>& ours, Names& names) {
  std::map<int, std::string> theirs;
  for (const LayerRow& row : reader.layers(reader.networks().front()))
    if (const int number = number_of(row.name, prefix); number >= 0) theirs[number] = row.name;
  if (theirs.size() != units)
    throw FormatError("weights '" + path + "': " + std::to_string(theirs.size()) +
                      " layers named '" + prefix +
                      "', Keras's Inception-v3 has 94; mend: take its published file");
  auto our = ours.begin();
  for (const auto& [number, name] : theirs) names[name] = *our++;
}

void refuse_missing(const std::string& path, const WeightReport& report, bool keras) {
  const auto needed = [&](const std::string& key) {
    if (key.starts_with("predictions/") || key.starts_with("fc/")) return false;
    return !(keras && key.ends_with("_bn/gamma"));
  };
  const auto lacking = std::ranges::find_if(report.missing, needed);
  if (lacking != report.missing.end())
    throw FormatError("weights '" + path + "': '" + *lacking +
                      "' is missing; mend: convert the published file again");
}

}  // namespace

void load_inception(const std::string& path, InceptionVariant variant, Inception& network) {
  const bool keras = variant == InceptionVariant::keras;
  WeightOptions options;
  if (keras) options.head = "predictions";
  if (keras) {
    const CheckpointReader reader(path);
    Names names;
    add_numbered(reader, path, "conv2d", our_layers(network, "_conv"), names);
    add_numbered(reader, path, "batch_normalization", our_layers(network, "_bn"), names);
    options.rename = [names](const std::string& layer) {
      const auto found = names.find(layer);
      return found == names.end() ? layer : found->second;
    };
  }
  refuse_missing(path, load_weights(path, network, options), keras);
}

bool known_published(const std::string& path) {
  constexpr const char* origin = "ganymede/origin";
  const CheckpointReader reader(path);
  const H5File& file = reader.file();
  return file.exists(origin) && file.read_text(origin) == "published";
}

}  // namespace ganymede
