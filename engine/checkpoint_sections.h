#pragma once
// Where things lie in a checkpoint: shared by its writer and its reader.

namespace ganymede::checkpoint {

inline constexpr const char* home = "ganymede";
inline constexpr const char* layers = "ganymede/layers/";
inline constexpr const char* progress = "ganymede/progress/";
inline constexpr const char* optimizers = "ganymede/optimizers/";
inline constexpr const char* random = "ganymede/random/";
inline constexpr const char* tensors = "ganymede/tensors/";
inline constexpr const char* counters = "ganymede/counters/";
inline constexpr const char* numbers = "ganymede/numbers/";
inline constexpr const char* texts = "ganymede/texts/";
inline constexpr const char* series = "ganymede/series/";

}  // namespace ganymede::checkpoint
