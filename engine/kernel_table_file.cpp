#include <ganymede/engine/kernel_table_file.h>

#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/config.h>
#include <ganymede/engine/hash.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>

namespace ganymede {
namespace {

using kernels::Contraction;
using kernels::TileKind;
using Json = nlohmann::ordered_json;

constexpr const char* kind = "ganymede kernel table";

constexpr std::array modes{MathMode::fp32, MathMode::tf32, MathMode::bf16};
constexpr std::array contractions{Contraction::forward,      Contraction::input_grad,
                                  Contraction::weight_grad,  Contraction::product,
                                  Contraction::product_bt,   Contraction::product_at,
                                  Contraction::product_at_bt};

/// The one of `all` that has this name.
template <class All>
auto named(const All& all, const std::string& name) {
  for (const auto one : all)
    if (name == kernels::name_of(one)) return one;
  throw FormatError("'" + name + "' is not known");
}

void read_plan(const Json& j, kernels::KernelTable& table) {
  const kernels::Product product{
      named(contractions, j.at("contraction").get<std::string>()),
      {j.at("m"), j.at("n"), j.at("k"), j.at("z"), j.at("rereads_a"), j.at("rereads_b")}};
  table.set(named(modes, j.at("math").get<std::string>()), product,
            {named(kernels::tile_kinds, j.at("tile").get<std::string>()), j.at("splits")});
}

kernels::KernelTable read_table(const Json& j) {
  if (j.at("kind") != kind) throw FormatError("'kind' is not '" + std::string(kind) + "'");
  if (const std::string version = j.at("version"); version != GANYMEDE_VERSION)
    throw SettingError("it was timed with Ganymede " + version + ", this is " + GANYMEDE_VERSION +
                       ", whose kernels may differ; time it anew with bench/kernels --tune");
  const Json& device = j.at("device");
  kernels::KernelTable table({DeviceKind::cuda, device.at("name"), device.at("compute_major"),
                              device.at("compute_minor"), device.at("multiprocessors")});
  for (const Json& plan : j.at("plans")) read_plan(plan, table);
  return table;
}

}  // namespace

void save_kernel_table(const std::string& path, const kernels::KernelTable& table) {
  const kernels::Hardware& device = table.device();
  Json j{{"kind", kind},
         {"version", GANYMEDE_VERSION},
         {"device",
          {{"name", device.name},
           {"compute_major", device.compute_major},
           {"compute_minor", device.compute_minor},
           {"multiprocessors", device.multiprocessors}}},
         {"plans", Json::array()}};
  for (const auto& [key, plan] : table.plans()) {
    const auto& [mode, product] = key;
    const auto [m, n, k, z, rereads_a, rereads_b] = product.extents;
    j["plans"].push_back({{"math", kernels::name_of(mode)},
                          {"contraction", kernels::name_of(product.contraction)},
                          {"m", m},
                          {"n", n},
                          {"k", k},
                          {"z", z},
                          {"rereads_a", rereads_a},
                          {"rereads_b", rereads_b},
                          {"tile", kernels::name_of(plan.tile)},
                          {"splits", plan.splits}});
  }
  write_file(path, j.dump(1) + "\n");
}

std::shared_ptr<const kernels::KernelTable> load_kernel_table(const std::string& path) {
  constexpr std::size_t most_bytes = std::size_t{1} << 26;
  const std::vector<std::uint8_t> bytes = read_file(path, most_bytes);
  try {
    auto table =
        std::make_shared<kernels::KernelTable>(read_table(Json::parse(bytes.begin(), bytes.end())));
    table->name = std::filesystem::path(path).filename().string();
    table->sha256 = sha256(std::as_bytes(std::span(bytes)));
    return table;
  } catch (const nlohmann::json::exception& e) {
    throw FormatError("kernel table " + path + ": " + e.what() +
                      "; bench/kernels --tune makes such tables");
  } catch (const FormatError& e) {
    throw FormatError("kernel table " + path + ": " + e.what());
  } catch (const SettingError& e) {
    throw SettingError("kernel table " + path + ": " + e.what());
  }
}

std::string kernel_table_text(const Stream& stream) {
  const auto table = kernels::kernel_table(stream);
  return table ? table->name + " " + table->sha256 : std::string();
}

}  // namespace ganymede
