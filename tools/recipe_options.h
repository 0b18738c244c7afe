#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ganymede/models/recipe.h>
#include <ganymede/tools/command_line.h>

namespace ganymede {

/// What every training verb takes: a recipe, --quick, --set, and a device.
struct RecipeOptions {
  std::string recipe, device = "auto", kernel_table;
  bool quick = false;
  std::vector<std::string> assignments;

  void declare(CommandLine& verb);
};

/// The recipe with --quick and then --set applied; `changes` gets what --quick changed and
/// --set left as it is.
Recipe resolve(const RecipeOptions& options, std::vector<RecipeChange>& changes);

/// Runs `body` with the device's stream as the current one: "auto" (CUDA where there is one),
/// "cpu", "cuda" or "cuda:1". Throws SettingError for another word, DeviceError where the device is
/// missing.
int on_device(const std::string& device, const std::function<int()>& body);
/// The same on the options' device, with their table of kernels. Throws SettingError for a table of
/// another device or version.
int on_device(const RecipeOptions& options, const std::function<int()>& body);

}  // namespace ganymede
