#include <ganymede/tools/report/run_json.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <nlohmann/json.hpp>

namespace ganymede::report {

namespace {

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json numbers(std::span<const double> values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

Json pair(const quality::Interval& interval) {
  return Json::array({number(interval.low), number(interval.high)});
}

Json network_json(const quality::NetworkVerdict& network) {
  const auto& c = network.comparison;
  return {{"result", to_string(network.outcome)},
          {"arm_mean", number(c.arm_mean)},
          {"baseline_mean", number(c.baseline_mean)},
          {"difference", number(c.difference.estimate)},
          {"interval", pair(c.difference.interval)},
          {"p", number(c.difference.p)},
          {"p_holm", number(network.p_holm)},
          {"smallest_detectable", number(network.smallest_detectable)},
          {"standard_error", number(c.difference.standard_error)},
          {"per_seed", numbers(c.difference.per_seed)}};
}

Json distances_json(std::span<const quality::Nearest> neighbours) {
  Json list = Json::array();
  for (const auto& n : neighbours)
    if (n.index >= 0) list.push_back(n.distance);
  return list;
}

}  // namespace

Json verdict_json(const quality::Verdict& verdict) {
  Json json{{"result", to_string(verdict.result)},
            {"sentence", verdict.sentence},
            {"metric", to_string(verdict.rules.metric)},
            {"arm", verdict.rules.arm},
            {"baseline", verdict.rules.baseline},
            {"change", verdict.rules.change},
            {"seeds", verdict.seeds},
            {"quick", verdict.rules.quick}};
  for (const auto& c : verdict.tested) json["patients"][c.name] = c.patients;
  Json& networks = json["per_network"] = Json::object();
  for (const auto& network : verdict.networks)
    networks[network.comparison.network] = network_json(network);
  const Json first = networks.front();  // a copy: new keys move the others
  for (const char* key : {"difference", "interval", "p", "smallest_detectable"})
    json[key] = Json(first[key]);
  return json;
}

Json metric_json(const quality::BootstrapResult& result) {
  return {{"mean", number(result.estimate)},
          {"sd", number(result.sd)},
          {"per_seed", numbers(result.per_seed)},
          {"interval", pair(result.interval)}};
}

Json seeds_json(const quality::SeedSummary& summary) {
  return {{"mean", number(summary.mean)},
          {"sd", number(summary.sd)},
          {"per_seed", numbers(summary.per_seed)}};
}

Json audit_json(const quality::Audit& audit) {
  return {{"verdict", to_string(audit.verdict)},
          {"sentence", audit.sentence},
          {"fakes", audit.fakes.size()},
          {"held_out", audit.held_out.size()},
          {"flagged", audit.flagged_count},
          {"near_identical", audit.near_identical_count},
          {"closer", audit.closer_count},
          {"expected_share", number(audit.expected_share)},
          {"distance_limit", number(audit.distance_limit)},
          {"near_identity_limit", number(audit.near_identity_limit)},
          {"p", number(std::max(audit.p_binomial, audit.p_flagged))},
          {"p_binomial", number(audit.p_binomial)},
          {"p_flagged", number(audit.p_flagged)},
          {"p_three_sample", number(audit.p_three_sample)},
          {"distances",
           {{"fakes", distances_json(audit.fakes)}, {"held_out", distances_json(audit.held_out)}}}};
}

Json audit_json(const quality::TwoSpaceAudit& audit, const std::string& features) {
  Json record = audit_json(audit.pixels);
  record["verdict"] = to_string(audit.verdict);
  record["sentence"] = audit.sentence;
  record["flagged"] = audit.flagged_count;
  record["near_identical"] = audit.near_identical_count;
  record["pixels"] = {{"flagged", audit.pixels.flagged_count},
                      {"near_identical", audit.pixels.near_identical_count}};
  record["features"] = audit_json(audit.features);
  record["features"]["name"] = features;
  return record;
}

Json roc_json(std::span<const quality::RocPoint> curve) {
  Json points = Json::array();
  for (const auto& point : curve)
    points.push_back(Json::array({point.false_positive_rate, point.true_positive_rate}));
  return points;
}

Json confusion_json(std::span<const std::int64_t> counts, int classes) {
  Json rows = Json::array();
  for (int truth = 0; truth < classes; ++truth)
    rows.push_back(Json(std::vector<std::int64_t>(counts.begin() + truth * classes,
                                                  counts.begin() + (truth + 1) * classes)));
  return rows;
}

Json floor_json(std::span<const quality::PixelFloor> folds, const quality::BootstrapResult& auc) {
  Json statistics = Json::array();
  double development = 0;
  bool one_statistic = true, one_direction = true;
  for (const auto& floor : folds) {
    statistics.push_back(floor.statistic);
    development += floor.development_auc / double(folds.size());
    one_statistic = one_statistic && floor.statistic == folds[0].statistic;
    one_direction = one_direction && floor.higher_is_positive == folds[0].higher_is_positive;
  }
  return {{"statistic", one_statistic ? Json(folds[0].statistic) : statistics},
          {"higher_is_positive", one_direction ? Json(folds[0].higher_is_positive) : Json(nullptr)},
          {"development_auc", number(development)},
          {"auc", number(auc.estimate)},
          {"interval", pair(auc.interval)}};
}

}  // namespace ganymede::report
