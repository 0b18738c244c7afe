#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ganymede/models/quality/memorisation_spaces.h>

#include <ganymede/tools/study/candidates.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// The memorisation audit of one class's candidates, in pixels and in audit.features, against what
/// their GAN has learnt and the held-out images of the same classes.
quality::TwoSpaceAudit audit_of(const Context& context, const Candidates& made);

/// For run.json: the audit, and a picture of the closest fakes, kept or not, each above its nearest
/// training image.
nlohmann::ordered_json audit_record(const Context& context, const Synthesis& synthesis);

}  // namespace ganymede::study
