#pragma once
// Does augmentation help a classifier?

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/timing.h>

namespace ganymede::study {

/// GANs, fakes and their audit, classifiers over all arms, the test part once. Writes the manifest
/// and the augmented set; gives the parts of run.json that no other study has, and the verdict.
/// Everything goes on where an earlier run stopped.
nlohmann::ordered_json run_classifiers(const Context& context, Timing& timing, bool quick);

}  // namespace ganymede::study
