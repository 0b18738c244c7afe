#include <ganymede/tools/verbs/inspect.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/engine/checkpoint.h>

namespace ganymede {
namespace {

struct Options {
  std::string path;
  bool json = false;
};

void print_text(const std::string& path, const CheckpointReader& checkpoint) {
  fmt::print("{}: {}\n", path,
             checkpoint.foreign() ? "Keras weights of another program" : "checkpoint, whole");
  for (const auto& [name, value] : checkpoint.counters()) fmt::print("  {} {}\n", name, value);
  for (const auto& [name, value] : checkpoint.numbers()) fmt::print("  {} {:g}\n", name, value);
  for (const std::string& network : checkpoint.networks())
    fmt::print("\n{}\n{}\n", network, format_table(checkpoint.layers(network)));
}

nlohmann::ordered_json network_json(const std::vector<LayerRow>& rows) {
  const Counts counts = total(rows);
  nlohmann::ordered_json json{{"trainable", counts.trainable}, {"fixed", counts.fixed}};
  json["layers"] = nlohmann::ordered_json::array();
  for (const LayerRow& row : rows) {
    const auto extents = row.output.extents();
    json["layers"].push_back({{"name", row.name},
                              {"kind", row.kind},
                              {"output", std::vector<std::int64_t>(extents.begin(), extents.end())},
                              {"trainable", row.trainable},
                              {"fixed", row.fixed}});
  }
  return json;
}

void print_json(const CheckpointReader& checkpoint) {
  nlohmann::ordered_json json{{"foreign", checkpoint.foreign()},
                              {"counters", checkpoint.counters()},
                              {"numbers", checkpoint.numbers()}};
  for (const std::string& network : checkpoint.networks())
    json["networks"][network] = network_json(checkpoint.layers(network));
  // Names in foreign files need not be UTF-8, which JSON must.
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

int inspect(const Options& options) {
  const CheckpointReader checkpoint(options.path);
  if (options.json)
    print_json(checkpoint);
  else
    print_text(options.path, checkpoint);
  return 0;
}

}  // namespace

void add_inspect(CommandLine& program) {
  CommandLine& verb =
      program.verb("inspect", "A checkpoint's networks: layers, shapes, parameter counts",
                   "ganymede inspect runs/head-ct/gan/hemorrhage/seed0/checkpoint.h5");
  auto options = std::make_shared<Options>();
  verb.argument("FILE", options->path, "a checkpoint, or a .h5 file with Keras weights");
  verb.flag("--json", options->json, "print JSON");
  verb.action([options] { return inspect(*options); });
}

}  // namespace ganymede
