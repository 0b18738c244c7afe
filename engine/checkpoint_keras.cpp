#include <ganymede/engine/checkpoint_keras.h>

#include <algorithm>
#include <array>
#include <set>

#include <ganymede/engine/h5_handle.h>
#include <ganymede/kernels/error.h>

namespace ganymede::keras {
namespace {

std::string within(const std::string& group, const std::string& path) {
  return group.empty() ? path : group + "/" + path;
}

/// rows x columns -> columns x rows: KRSC <-> RSCK, as K is outermost in one and innermost in the
/// other.
std::vector<float> transposed(const std::vector<float>& values, std::size_t rows) {
  const std::size_t columns = rows == 0 ? 0 : values.size() / rows;
  std::vector<float> out(values.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = values[r * columns + c];
  return out;
}

std::vector<float> file_values(const NamedState& state) {
  auto values = state.tensor.host<float>();
  if (state.layout != Layout::conv) return values;
  return transposed(values, std::size_t(state.tensor.shape()[0]));
}

/// "conv1_W_1:0" (Keras 1), "kernel:0", "gamma" -> "W", "kernel", "gamma" as Keras 2 calls them.
std::string weight_name(const std::string& layer, std::string leaf) {
  leaf = leaf.substr(0, leaf.rfind(':'));
  if (leaf.size() > layer.size() && leaf.starts_with(layer + "_"))
    leaf = leaf.substr(layer.size() + 1);
  if (leaf.ends_with("_1")) leaf.resize(leaf.size() - 2);
  static constexpr std::array<std::array<const char*, 2>, 4> keras1{
      {{"W", "kernel"},
       {"b", "bias"},
       {"running_mean", "moving_mean"},
       {"running_std", "moving_variance"}}};
  for (const auto& [old, now] : keras1)
    if (leaf == old) return now;
  return leaf;
}

/// The layer that a weight in these groups belongs to. A layer's group and its weight's own path
/// repeat the name, which may have slashes ("conv1/bn/conv1/bn" in Keras's DenseNet); else the last
/// component is the name, also inside nested models.
std::string layer_of(const std::vector<std::string>& groups) {
  const auto end = groups.end();
  for (auto n = std::ptrdiff_t(groups.size() / 2); n > 1; --n)
    if (std::equal(end - 2 * n, end - n, end - n)) {
      std::string name = *(end - n);
      for (auto part = end - n + 1; part != end; ++part) name += "_" + *part;
      return name;
    }
  return groups.empty() ? "" : groups.back();
}

FileWeight named(const std::string& path, const std::string& dataset) {
  std::vector<std::string> parts = h5_components(path);
  const std::string leaf = parts.back();
  parts.pop_back();
  const std::string layer = layer_of(parts);
  return {layer, parts.empty() ? leaf : weight_name(parts.back(), leaf), dataset};
}

struct LayerGroup {
  std::string name;
  std::vector<NamedState> states;
};

std::vector<LayerGroup> by_layer(Module& module) {
  std::vector<LayerGroup> layers;
  std::set<std::string> seen;
  for (NamedState& state : state_of(module)) {
    if (state.role == NamedState::Role::progress) continue;
    const std::string name = layer_name(state);
    if (layers.empty() || layers.back().name != name) {
      if (!seen.insert(name).second || name == "ganymede")
        throw UsageError("checkpoint: the layer name '" + name +
                         "' is taken; mend: give each layer a name of its own");
      layers.push_back({name, {}});
    }
    layers.back().states.push_back(std::move(state));
  }
  return layers;
}

}  // namespace

std::string layer_name(const NamedState& state) {
  std::string name = state.layer.empty() ? "layer" : state.layer;
  std::ranges::replace(name, '/', '_');
  return name;
}

Shape file_shape(const NamedState& state) {
  const Shape& s = state.tensor.shape();
  return state.layout == Layout::conv ? Shape{s[1], s[2], s[3], s[0]} : s;
}

void write_weights(H5File& file, const std::string& group, Module& module) {
  file.make_group(group);
  std::vector<std::string> layer_names;
  for (const LayerGroup& layer : by_layer(module)) {
    const std::string home = within(group, layer.name);
    std::vector<std::string> weight_names;
    for (const NamedState& state : layer.states) {
      weight_names.push_back(layer.name + "/" + state.name + ":0");
      const auto values = file_values(state);
      file.write<float>(within(home, weight_names.back()), file_shape(state), values);
    }
    file.write_attribute(home, "weight_names", weight_names);
    layer_names.push_back(layer.name);
  }
  file.write_attribute(group, "layer_names", layer_names);
  file.write_attribute(group, "backend", std::string("tensorflow"));
  file.write_attribute(group, "keras_version", std::string("2.15.0"));
}

std::vector<FileWeight> weights_in(const H5File& file, const std::string& group) {
  std::vector<FileWeight> weights;
  for (const std::string& path : file.datasets(group))
    if (!path.starts_with("ganymede/")) weights.push_back(named(path, within(group, path)));
  return weights;
}

void read_weight(const H5File& file, const FileWeight& weight, const NamedState& state) {
  auto values = file.read<float>(weight.dataset);
  const std::size_t k = state.layout == Layout::conv ? std::size_t(state.tensor.shape()[0]) : 1;
  if (k > 1) values = transposed(values, values.size() / k);
  Tensor target = state.tensor;  // shares the module's memory
  target.assign(values);
}

}  // namespace ganymede::keras
