#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/detection/detector.h>
#include <ganymede/tools/study/detection/record.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// Paper 002's fourth experiment: does the detector of real images take images of other classes,
/// turned into the learnt one by the generator, for the learnt class? Its two controls tell whether
/// that speaks of disease: turned images against real ones of the learnt class, and generated ones
/// of the learnt class against real ones of it. Null where the split leaves none of the other
/// classes over. `fakes` are those of the first unit.
nlohmann::ordered_json turned_record(const Context& context, const Tested& tested,
                                     Detector& detector, const Synthesis& fakes);

}  // namespace ganymede::study
