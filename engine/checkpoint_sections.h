#pragma once
// Where things lie in a checkpoint: shared by its writer and its reader.

#include <string>

namespace ganymede::checkpoint {

inline constexpr const char* home = "ganymede";
inline const std::string layers = "ganymede/layers/", progress = "ganymede/progress/",
                         optimizers = "ganymede/optimizers/", random = "ganymede/random/",
                         tensors = "ganymede/tensors/", counters = "ganymede/counters/",
                         numbers = "ganymede/numbers/", texts = "ganymede/texts/",
                         series = "ganymede/series/";

}  // namespace ganymede::checkpoint
