#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/gan_training.h>

#include <ganymede/tools/study/gan_jobs.h>
#include <ganymede/tools/study/results.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

using Json = nlohmann::ordered_json;

/// The parts of run.json that a study fills (docs/run_json.md).
Json data_record(const Context& context);
Json split_record(const Context& context);
Json arms_record(const Context& context, const TestResults& test);
Json floor_record(const Context& context, const TestResults& test);
/// Verdict of the primary comparison; null where its two arms were not both run.
Json verdict_record(const Context& context, const TestResults& test, bool quick);
Json settings_record(const Recipe& recipe);
Json quick_record(bool on, const std::vector<RecipeChange>& changes);
Json versions_record();

/// What the generator of one class and unit is worth: iterations, sizes, losses, distances.
Json gan_record(const Context& context, const Unit& unit, const GanJob& job, GanTraining& training,
                const Synthesis& synthesis, const TestResults& test);
/// Counts, pictures (written here, under pictures/) and reasons of one class's fakes.
Json synthetic_record(const Context& context, const Synthesis& synthesis);

}  // namespace ganymede::study
