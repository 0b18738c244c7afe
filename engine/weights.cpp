#include <ganymede/engine/weights.h>

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/engine/checkpoint_keras.h>
#include <ganymede/engine/h5_file.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

using Stored = std::map<std::string, keras::FileWeight>;

[[noreturn]] void fail(const H5File& file, const std::string& what) {
  throw FormatError(fmt::format("weights '{}': {}", file.name(), what));
}

Stored stored_weights(const CheckpointReader& reader, const WeightOptions& options) {
  const bool only = reader.networks().size() == 1;
  const std::string network = only ? reader.networks().front() : options.network;
  Stored stored;
  for (auto weight : keras::weights_in(reader.file(), reader.group_of(network))) {
    if (options.rename) weight.layer = options.rename(weight.layer);
    const std::string key = weight.layer + "/" + weight.name;
    if (!stored.emplace(key, weight).second)
      fail(reader.file(), fmt::format("two weights are named '{}', '{}' is one of them; mend: save "
                                      "the inner model alone",
                                      key, weight.dataset));
  }
  return stored;
}

void refuse_nothing_found(const H5File& file, const WeightReport& report) {
  if (!report.loaded.empty()) return;
  const bool keras3 = file.exists("layers") || file.exists("_layer_checkpoint_dependencies");
  fail(file, keras3 ? "Keras 3 stores no layer names in .weights.h5; mend: save the weights with "
                      "model.save_weights('x.h5') of Keras 2 (tf_keras)"
                    : fmt::format("no layer of the network is in it (looked for '{}', the file "
                                  "has '{}'); mend: take weights of the same network",
                                  report.missing.empty() ? "" : report.missing.front(),
                                  report.unused.empty() ? "" : report.unused.front()));
}

/// "conv4_block7_1_conv/kernel" -> "conv4"
std::string stage_of(const std::string& key) { return key.substr(0, key.find_first_of("_/")); }

/// "'a' is missing", "'a', 'b', 'c' and 9 more are missing"; empty for no keys.
std::string counted(const std::vector<std::string>& keys, const char* what) {
  constexpr std::size_t named = 3;
  if (keys.empty()) return "";
  std::string list;
  for (std::size_t i = 0; i < std::min(named, keys.size()); ++i)
    list += fmt::format("{}'{}'", i == 0 ? "" : ", ", keys[i]);
  if (keys.size() > named) list += fmt::format(" and {} more", keys.size() - named);
  return fmt::format("{} {} {}", list, keys.size() == 1 ? "is" : "are", what);
}

}  // namespace

void refuse_partly_loaded(const std::string& path, const WeightReport& report,
                          const WeightOwner& owner) {
  const auto of_head = [&](const std::string& key) { return key.starts_with(owner.head + "/"); };
  std::vector<std::string> missing = report.missing, unused = report.unused;
  std::erase_if(missing, of_head);
  std::set<std::string> stages;
  for (const std::vector<std::string>& ours : {report.loaded, missing})
    for (const std::string& key : ours) stages.insert(stage_of(key));
  std::erase_if(unused, [&](const std::string& key) {
    return of_head(key) || !stages.contains(stage_of(key));
  });
  if (missing.empty() && unused.empty()) return;
  const std::string lacks = counted(missing, "missing"), more = counted(unused, "in the file only");
  throw FormatError(fmt::format("weights '{}' are not those of {}: {}{}{}; mend: {}", path,
                                owner.network, lacks, lacks.empty() || more.empty() ? "" : ", ",
                                more, owner.mend));
}

WeightReport load_weights(const std::string& path, Module& module, const WeightOptions& options) {
  const CheckpointReader reader(path);
  const H5File& file = reader.file();
  Stored stored = stored_weights(reader, options);
  WeightReport report;
  std::vector<std::pair<keras::FileWeight, NamedState>> fitting;
  for (const NamedState& state : state_of(module)) {
    if (state.role == NamedState::Role::progress) continue;
    const std::string layer = keras::layer_name(state), key = layer + "/" + state.name;
    const auto found = stored.extract(key);
    if (!found) {
      report.missing.push_back(key);
      continue;
    }
    const Shape there = file.shape(found.mapped().dataset), here = keras::file_shape(state);
    if (there == here) {
      fitting.emplace_back(found.mapped(), state);
      report.loaded.push_back(key);
    } else if (layer == options.head) {
      report.skipped.push_back(key);
    } else {
      fail(file, fmt::format("'{}' is {} in the file, {} in the network; mend: set the network's "
                             "channels and classes to the file's",
                             key, to_string(there), to_string(here)));
    }
  }
  for (const auto& [key, weight] : stored) report.unused.push_back(key);
  refuse_nothing_found(file, report);
  for (auto& [weight, state] : fitting) keras::read_weight(file, weight, state);
  return report;
}

}  // namespace ganymede
