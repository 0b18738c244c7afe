#include <ganymede/tools/recipe_options.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include <ganymede/engine/kernel_table_file.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/plan.h>
#include <ganymede/kernels/stream.h>

namespace ganymede {
namespace {

Device device_of(const std::string& word) {
  if (word == "cpu") return cpu_device;
  if (word == "auto") return cuda_device_count() > 0 ? cuda_device() : cpu_device;
  int index = 0;
  const std::size_t colon = word.find(':');
  const char* end = word.data() + word.size();
  const auto is_whole_number = [&](const char* begin) {
    const auto [rest, error] = std::from_chars(begin, end, index);
    return error == std::errc() && rest == end;
  };
  if (word.substr(0, colon) != "cuda" ||
      (colon != std::string::npos && !is_whole_number(word.data() + colon + 1)))
    throw SettingError("--device " + word + ": expected auto, cpu, cuda or cuda:1");
  if (cuda_device_count() == 0)
    throw DeviceError("--device " + word + ": " + why_no_cuda_device() +
                      "; use --device cpu, or see ganymede doctor");
  if (index >= cuda_device_count())
    throw DeviceError("--device " + word + ": there are " + std::to_string(cuda_device_count()) +
                      " CUDA devices, the first is cuda:0");
  return cuda_device(index);
}

KernelSource source_of(const std::string& word) {
  for (const KernelSource source : {KernelSource::own, KernelSource::vendor})
    if (word == to_string(source)) return source;
  throw SettingError("--kernels " + word + ": expected own or vendor");
}

/// Nothing for "default".
std::optional<MathMode> math_of(const std::string& word) {
  if (word == "default") return std::nullopt;
  for (const MathMode mode : {MathMode::fp32, MathMode::tf32, MathMode::bf16})
    if (word == kernels::name_of(mode)) return mode;
  throw SettingError("--math " + word + ": expected default, fp32, tf32 or bf16");
}

}  // namespace

void DeviceOptions::declare(CommandLine& verb) {
  verb.option("--device", device, "auto, cpu, cuda or cuda:1");
  verb.option(
      "--kernels", kernels,
      "own, or vendor: convolutions and products by cuDNN and cuBLAS (cuda) or oneDNN (cpu)");
  verb.option("--kernel-table", kernel_table,
              "plans of this GPU's kernels, timed with bench/kernels --tune");
  verb.option("--math", math,
              "operands of convolutions and products: fp32, tf32 or bf16; default: tf32 on cuda, "
              "fp32 on the CPU");
}

void RecipeOptions::declare(CommandLine& verb) {
  verb.option("--recipe", recipe, "a shipped recipe (ganymede recipe list) or a file");
  device.declare(verb);
  verb.flag("--quick", quick, "narrower networks and shorter training, for a first look");
  verb.option("--set", assignments, "key=value of the recipe; may be repeated");
}

Recipe resolve(const RecipeOptions& options, std::vector<RecipeChange>& changes) {
  Recipe recipe = Recipe::named(options.recipe);
  if (options.quick) changes = recipe.apply_quick();
  for (const std::string& assignment : options.assignments) recipe.set(assignment);
  const std::vector<RecipeEntry> entries = recipe.entries();
  std::erase_if(changes, [&](const RecipeChange& change) {  // --set had the last word
    return std::ranges::find(entries, change.key, &RecipeEntry::key)->value != change.after;
  });
  return recipe;
}

int on_device(const DeviceOptions& options, const std::function<int()>& body) {
  const KernelSource source = source_of(options.kernels);
  const std::optional<MathMode> math = math_of(options.math);
  Stream stream(device_of(options.device));
  stream.set_kernels(source);
  if (math) stream.set_math_mode(*math);
  if (!options.kernel_table.empty())
    kernels::set_kernel_table(stream, load_kernel_table(options.kernel_table));
  const StreamScope scope(stream);
  return body();
}

}  // namespace ganymede
