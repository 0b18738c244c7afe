#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/models/recipe.h>
#include <ganymede/tools/command_line.h>

namespace ganymede {

/// Where a verb computes, by whose kernels and how precisely.
struct DeviceOptions {
  std::string device = "auto", kernels = "own", kernel_table, math = "default";

  void declare(CommandLine& verb);
};

/// What every training verb takes: a recipe, --quick, --set, and a device.
struct RecipeOptions {
  std::string recipe;
  DeviceOptions device;
  bool quick = false;
  std::vector<std::string> assignments;

  void declare(CommandLine& verb);
};

/// The recipe with --quick and then --set applied; `changes` gets what --quick changed and
/// --set left as it is.
Recipe resolve(const RecipeOptions& options, std::vector<RecipeChange>& changes);

/// Runs `body` with the device's stream as the current one: "auto" (CUDA where there is one),
/// "cpu", "cuda" or "cuda:1", with the wanted kernels, precision and table. Throws SettingError for
/// another word or a table of another device or version, DeviceError where the device is missing,
/// and what Stream::set_kernels throws.
int on_device(const DeviceOptions& options, const std::function<int()>& body);

}  // namespace ganymede
