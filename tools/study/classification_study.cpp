#include <ganymede/tools/study/classification_study.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include <ganymede/tools/study/audit.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/notes.h>
#include <ganymede/tools/study/outputs.h>
#include <ganymede/tools/study/recognition.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/selector.h>

namespace ganymede::study {
namespace {

Fakes make_fakes(const Context& c) {
  Fakes all;
  if (any_fakes(c.arms)) train_gans(c);
  for (const Unit& unit : c.units())
    all.push_back(any_fakes(c.arms) ? synthesise(c, unit) : std::vector<Synthesis>{});
  return all;
}

std::vector<ArmResults> train_arms(const Context& c, const Fakes& fakes) {
  std::vector<ArmResults> results;
  for (const std::string& network : c.recipe.texts("classifier.networks"))
    for (const Arm& arm : c.arms) {
      ArmResults r{.arm = arm.name, .network = network, .classifiers = {}, .seeds = {}};
      const std::vector<Unit> units = c.units();
      for (std::size_t u = 0; u < units.size(); ++u)
        r.classifiers.push_back(train_arm(c, units[u], arm, network, fakes[u]));
      results.push_back(std::move(r));
    }
  return results;
}

/// The unit whose fakes are handed over: the best validation metric of the arm in question, or of
/// the first arm with fakes.
std::size_t best_unit(const Context& c, const std::vector<ArmResults>& arms) {
  const std::string wanted = c.recipe.texts("study.primary").at(0);
  const auto has_fakes = [](const ArmResults& r) { return arm_of(r.arm).fakes; };
  auto arm = std::ranges::find(arms, wanted, &ArmResults::arm);
  if (arm == arms.end() || !has_fakes(*arm)) arm = std::ranges::find_if(arms, has_fakes);
  if (arm == arms.end()) return 0;
  const auto best =
      std::ranges::max_element(arm->classifiers, {}, &ClassifierResult::validation_metric);
  return std::size_t(best - arm->classifiers.begin());
}

Json own_record(const Context& c, bool quick, const Fakes& fakes, const TestResults& test,
                std::size_t chosen) {
  Json run{{"notes", notes_of(c, fakes[chosen])}};
  if (Json verdict = verdict_record(c, test, quick); !verdict.is_null()) run["verdict"] = verdict;
  run["arms"] = arms_record(c, test);
  run["floor"] = floor_record(c, test);
  const Unit unit = c.units()[chosen];
  for (const GanJob& job : fakes[chosen].empty() ? std::vector<GanJob>{} : gan_jobs(c, unit.fold)) {
    const auto training = train_gan(c, unit, job);  // finished: loads
    for (int k : job.makes)
      run["gan"][c.class_name(k)] =
          gan_record(c, unit, job, *training, fakes[chosen][std::size_t(k)], test);
  }
  for (const Synthesis& s : fakes[chosen]) {
    const std::string name = c.class_name(s.of_class);
    run["synthetic"][name] = synthetic_record(c, s);
    if (!s.fakes.empty()) run["audit"][name] = audit_record(c, s);
  }
  std::vector<int> kept;
  for (const Synthesis& s : fakes[chosen]) kept.push_back(s.kept_count());
  if (!kept.empty()) run["balance"] = balance_record(c, unit, kept);
  if (!fakes[chosen].empty() && needs_selector(c.recipe))
    run["selector"] = Selector(c, unit).record();
  if (Json seen = recognition_record(c, fakes, test); !seen.is_null()) run["recognition"] = seen;
  run["augmented"] = {{"file", "augmented.csv"}, {"unit", unit.name}};
  return run;
}

}  // namespace

nlohmann::ordered_json run_classifiers(const Context& c, Timing& timing, bool quick) {
  const Fakes fakes = timing.stage("gan", [&] { return make_fakes(c); });
  write_manifest(c, fakes);
  const std::vector<ArmResults> trained =
      timing.stage("classifiers", [&] { return train_arms(c, fakes); });
  const std::size_t chosen = best_unit(c, trained);
  write_augmented(c, c.units()[chosen], fakes[chosen]);
  const TestResults test = timing.stage("test", [&] { return test_arms(c, trained); });
  return timing.stage("measures", [&] { return own_record(c, quick, fakes, test, chosen); });
}

}  // namespace ganymede::study
