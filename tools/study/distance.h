#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/gan_jobs.h>
#include <ganymede/tools/study/results.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// For run.json: the Frechet distance of kept fakes to as many reals of their class outside the
/// test part, with interval, extrapolation and bias, beside that of an untrained generator. On
/// study.features, or, where that is empty, on the classifier of the first arm. The
/// figure that the recipe's paper reports stands beside it, comparable only on the published
/// Inception weights at the paper's number of features. Null where there is nothing to measure on,
/// the reason where there are too few images.
nlohmann::ordered_json distance_record(const Context& context, const Unit& unit, const GanJob& job,
                                       const Synthesis& synthesis, const TestResults& test);

}  // namespace ganymede::study
