#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/checkpoint_file.h>
#include <ganymede/engine/checkpoint_keras.h>
#include <ganymede/engine/checkpoint_sections.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

constexpr const char* other_model =
    "mend: the file belongs to another recipe or version; 'ganymede inspect' shows what it holds";

template <class T>
void read_as(const H5File& file, const std::string& path, Tensor& tensor) {
  tensor.assign(file.read<T>(path));
}

void read_tensor(const H5File& file, const std::string& path, Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::f32:
      return read_as<float>(file, path, tensor);
    case DType::u8:
      return read_as<std::uint8_t>(file, path, tensor);
    case DType::u16:
      return read_as<std::uint16_t>(file, path, tensor);
    case DType::i32:
      return read_as<std::int32_t>(file, path, tensor);
    case DType::i64:
      return read_as<std::int64_t>(file, path, tensor);
  }
}

/// One tensor to be filled: where it is, what it must be, what to call it in a message.
struct Target {
  std::string path, label;
  Shape shape;
  std::function<void()> load;
};

/// Compares everything first, then loads.
void load_all(const H5File& file, const std::vector<Target>& targets) {
  for (const Target& t : targets) {
    const auto fail = [&](const std::string& what) {
      throw FormatError(
          fmt::format("checkpoint '{}': {} {}; {}", file.name(), t.label, what, other_model));
    };
    if (t.path.empty() || !file.exists(t.path)) fail("is missing");
    const Shape stored = file.shape(t.path);
    if (!(stored == t.shape))
      fail(
          fmt::format("is {} in the file, {} in the model", to_string(stored), to_string(t.shape)));
  }
  for (const Target& t : targets) t.load();
}

Target tensor_target(const H5File& file, const std::string& path, const std::string& label,
                     Tensor tensor) {
  return {path, label, tensor.shape(),
          [&file, path, tensor]() mutable { read_tensor(file, path, tensor); }};
}

/// Exactly the file's weights for exactly the module's.
void add_weight_targets(const H5File& file, const std::string& network, const std::string& group,
                        const std::vector<NamedState>& states, std::vector<Target>& targets) {
  std::map<std::pair<std::string, std::string>, keras::FileWeight> stored;
  for (const auto& weight : keras::weights_in(file, group))
    stored[{weight.layer, weight.name}] = weight;
  for (const NamedState& state : states) {
    if (state.role == NamedState::Role::progress) continue;
    const std::string layer = keras::layer_name(state);
    const auto weight = stored.extract({layer, state.name});
    const keras::FileWeight found = weight ? weight.mapped() : keras::FileWeight{};
    targets.push_back({found.dataset,
                       fmt::format("network '{}', layer '{}': '{}'", network, layer, state.name),
                       keras::file_shape(state),
                       [&file, found, state] { keras::read_weight(file, found, state); }});
  }
  if (!stored.empty())
    throw FormatError(fmt::format(
        "checkpoint '{}': network '{}', layer '{}': '{}' is in the file, but not in the model; {}",
        file.name(), network, stored.begin()->first.first, stored.begin()->first.second,
        other_model));
}

std::vector<LayerRow> rows_of_weights(const H5File& file, const std::string& group) {
  std::vector<LayerRow> rows;
  for (const auto& weight : keras::weights_in(file, group)) {
    if (rows.empty() || rows.back().name != weight.layer)
      rows.push_back({weight.layer, "-", {}, 0, 0});
    const std::int64_t count = file.shape(weight.dataset).elements();
    (weight.name.starts_with("moving_") ? rows.back().fixed : rows.back().trainable) += count;
  }
  return rows;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

template <class T>
T scalar(const H5File& file, const std::string& path) {
  const auto values = file.read<T>(path);
  if (values.size() != 1)
    throw FormatError(fmt::format("checkpoint '{}': '{}' is not one value", file.name(), path));
  return values[0];
}

template <class T>
std::map<std::string, T> scalars(const H5File& file, const std::string& section) {
  std::map<std::string, T> values;
  if (!file.exists(section)) return values;
  for (const std::string& name : file.datasets(section))
    values[name] = scalar<T>(file, section + name);
  return values;
}

}  // namespace

CheckpointReader::CheckpointReader(const std::string& path)
    : foreign_(verify_checkpoint_file(path) == Origin::foreign) {
  file_ = std::make_unique<H5File>(H5File::open(path));
  if (foreign_) {
    networks_ = {"model"};
    root_ = "model";
    return;
  }
  networks_ = file_->attribute(checkpoint::home, "networks").value_or(std::vector<std::string>{});
  const auto root = file_->attribute(checkpoint::home, "root");
  if (root && root->size() == 1) root_ = root->front();
}
CheckpointReader::~CheckpointReader() = default;
CheckpointReader::CheckpointReader(CheckpointReader&&) noexcept = default;
CheckpointReader& CheckpointReader::operator=(CheckpointReader&&) noexcept = default;

bool CheckpointReader::has_network(const std::string& name) const {
  return std::ranges::find(networks_, name) != networks_.end();
}

std::string CheckpointReader::group_of(const std::string& network) const {
  if (!has_network(network))
    throw FormatError(fmt::format("checkpoint '{}': has no network '{}'; it holds: {}",
                                  file_->name(), network, listed(networks_)));
  if (foreign_ && file_->exists("model_weights")) return "model_weights";
  return network == root_ ? "" : network;
}

std::vector<LayerRow> CheckpointReader::layers(const std::string& network) const {
  const std::string group = group_of(network), table = checkpoint::layers + network;
  if (foreign_ || !file_->exists(table)) return rows_of_weights(*file_, group);
  return layers_from_text(file_->read_text(table));
}

void CheckpointReader::load_network(const std::string& name, Module& module) const {
  const auto states = state_of(module);
  std::vector<Target> targets;
  add_weight_targets(*file_, name, group_of(name), states, targets);
  for (const NamedState& state : states)
    if (state.role == NamedState::Role::progress && !foreign_)
      targets.push_back(tensor_target(
          *file_, fmt::format("{}{}/{}/{}", checkpoint::progress, name, state.layer, state.name),
          fmt::format("network '{}', layer '{}': '{}'", name, state.layer, state.name),
          state.tensor));
  load_all(*file_, targets);
}

void CheckpointReader::load_optimizer(const std::string& name, Optimizer& optimizer) const {
  const std::string group = checkpoint::optimizers + name;
  std::vector<Target> targets;
  for (const auto& [key, tensor] : optimizer.state())
    targets.push_back(tensor_target(*file_, fmt::format("{}/{}", group, key),
                                    fmt::format("optimizer '{}': '{}'", name, key), tensor));
  const std::size_t stored = file_->exists(group) ? file_->datasets(group).size() : 0;
  if (stored > targets.size())
    throw FormatError(
        fmt::format("checkpoint '{}': optimizer '{}' has {} tensors in the file, {} "
                    "in the model; {}",
                    file_->name(), name, stored, targets.size(), other_model));
  load_all(*file_, targets);
}

void CheckpointReader::load_random(Rng& rng) const {
  const auto state = file_->read<std::int64_t>(checkpoint::random + rng.path());
  if (state.size() != 2 || std::uint64_t(state[0]) != rng.seed())
    throw FormatError(
        fmt::format("checkpoint '{}': random stream '{}' has seed {}, this run has {}",
                    file_->name(), rng.path(), state.empty() ? 0 : state[0], rng.seed()));
  rng.position().assign(std::vector<std::int64_t>{state[1]});
}

void CheckpointReader::load_tensor(const std::string& name, Tensor& tensor) const {
  load_all(*file_, {tensor_target(*file_, checkpoint::tensors + name,
                                  fmt::format("tensor '{}'", name), tensor)});
}

std::int64_t CheckpointReader::counter(const std::string& name) const {
  return scalar<std::int64_t>(*file_, checkpoint::counters + name);
}
double CheckpointReader::number(const std::string& name) const {
  return scalar<double>(*file_, checkpoint::numbers + name);
}
std::string CheckpointReader::text(const std::string& name) const {
  return file_->read_text(checkpoint::texts + name);
}
std::vector<float> CheckpointReader::series(const std::string& name) const {
  return file_->read<float>(checkpoint::series + name);
}
bool CheckpointReader::has_counter(const std::string& name) const {
  return file_->exists(checkpoint::counters + name);
}
bool CheckpointReader::has_text(const std::string& name) const {
  return file_->exists(checkpoint::texts + name);
}
std::map<std::string, std::int64_t> CheckpointReader::counters() const {
  return scalars<std::int64_t>(*file_, checkpoint::counters);
}
std::map<std::string, double> CheckpointReader::numbers() const {
  return scalars<double>(*file_, checkpoint::numbers);
}
std::vector<std::string> CheckpointReader::texts() const {
  return file_->exists(checkpoint::texts) ? file_->datasets(checkpoint::texts)
                                          : std::vector<std::string>{};
}

}  // namespace ganymede
