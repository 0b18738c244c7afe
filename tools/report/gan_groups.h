#pragma once

#include <ganymede/tools/report/run_json.h>

#include <string>
#include <vector>

namespace ganymede::report {

/// One trained GAN and the classes of run.json that it makes: a GAN trained on all classes stands
/// there once for each, under one `name`.
struct GanGroup {
  std::string name;  ///< of what it makes: "hemorrhage"; "classes 2, 3"; "all classes"
  std::vector<std::string> classes;
  std::vector<const Json*> records;  ///< of the classes, in their order; of the run given
};

/// The GANs of a run, each once, in the order of the file.
std::vector<GanGroup> gan_groups(const Json& run);

bool is_wasserstein(const Json& gan);

/// "critic" or "discriminator".
std::string judge_of(const Json& gan);

/// "Wasserstein, conditional"; "Wasserstein, trained on 0, 1, 2"; empty for an unnamed objective.
std::string kind_in_words(const Json& gan);

}  // namespace ganymede::report
