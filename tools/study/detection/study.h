#pragma once
// Does augmentation help a detector that learns one class? (paper 002)

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/timing.h>

namespace ganymede::study {

/// Trains the detectors of all arms and seeds, with images made by latent search where an arm has
/// some, and asks them of the test part; then paper 002's fourth experiment and its controls.
/// Writes scores.csv, the manifest and the augmented set; gives the parts of run.json that no other
/// study has, and the verdict. Everything goes on where an earlier run stopped.
nlohmann::ordered_json run_detectors(const Context& context, Timing& timing, bool quick);

}  // namespace ganymede::study
