#pragma once

#include <ganymede/models/quality/memorisation_spaces.h>
#include <ganymede/models/quality/pixel_floor.h>
#include <ganymede/models/quality/ranking.h>
#include <ganymede/models/quality/recall.h>
#include <ganymede/models/quality/verdict.h>

#include <nlohmann/json_fwd.hpp>
#include <span>

namespace ganymede::report {

using Json = nlohmann::ordered_json;

/// The parts of run.json (docs/run_json.md) that come from models/quality. NaN becomes null.
Json verdict_json(const quality::Verdict& verdict);

/// {mean, sd, per_seed, interval} of one arm's metric.
Json metric_json(const quality::BootstrapResult& result);

/// {mean, sd, per_seed}.
Json seeds_json(const quality::SeedSummary& summary);

Json audit_json(const quality::Audit& audit);
/// The audit in pixels with the verdict of both spaces; `features`: the other space's, with the
/// name of its features.
Json audit_json(const quality::TwoSpaceAudit& audit, const std::string& features);

/// [[false positive rate, true positive rate], ...].
Json roc_json(std::span<const quality::RocPoint> curve);

/// Rows true, columns predicted.
Json confusion_json(std::span<const std::int64_t> counts, int classes);

/// What each fold chose, and the AUC of all.
Json floor_json(std::span<const quality::PixelFloor> folds, const quality::BootstrapResult& auc);

}  // namespace ganymede::report
