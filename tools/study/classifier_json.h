#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ganymede/tools/study/classifier_unit.h>

namespace ganymede::study {

/// A classifier's result as it is kept beside its weights.
nlohmann::ordered_json to_json(const ClassifierResult& result);
ClassifierResult classifier_result_from(const nlohmann::ordered_json& json);

}  // namespace ganymede::study
