#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/study.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/config.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/notes.h>
#include <ganymede/tools/study/outputs.h>
#include <ganymede/tools/study/plan.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/selector.h>

namespace ganymede::study {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds spent in each stage, over all processes that worked on the run: they are kept in its
/// log.
class Timing {
 public:
  explicit Timing(const RunLog& log) : log_(log) {}

  template <class Body>
  auto stage(const std::string& name, Body body) {
    const auto start = Clock::now();
    const auto note = [&] { log_.add("timing/" + name, {{"seconds", seconds_since(start)}}); };
    stages_.push_back(name);
    try {
      auto result = body();
      note();
      return result;
    } catch (...) {
      note();
      throw;
    }
  }
  Json record() const {
    Json record = Json::object();
    double total = 0;
    for (const std::string& name : stages_) {
      const double seconds = log_.sum("timing/" + name, "seconds");
      record[name] = seconds;
      total += seconds;
    }
    record["total"] = total;
    return record;
  }

 private:
  const RunLog& log_;
  std::vector<std::string> stages_;
};

Fakes make_fakes(const Context& c) {
  Fakes all;
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

Json whole_record(const StudyRequest& request, const Context& c, const Fakes& fakes,
                  const TestResults& test, std::size_t chosen) {
  Json run{{"verb", "study"},  {"recipe", c.recipe.name()}, {"seed", c.seed},
           {"seeds", c.seeds}, {"folds", c.folds},          {"notes", notes_of(c, fakes[chosen])}};
  if (Json verdict = verdict_record(c, test, request.quick); !verdict.is_null())
    run["verdict"] = verdict;
  run["arms"] = arms_record(c, test);
  run["floor"] = floor_record(c, test);
  run["data"] = data_record(c);
  run["split"] = split_record(c);
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
    if (!s.fakes.empty()) run["audit"][name] = report::audit_json(s.audit);
  }
  std::vector<int> kept;
  for (const Synthesis& s : fakes[chosen]) kept.push_back(s.kept_count());
  if (!kept.empty()) run["balance"] = balance_record(c, kept);
  if (!fakes[chosen].empty() && needs_selector(c.recipe))
    run["selector"] = Selector(c, unit).record();
  run["augmented"] = {{"file", "augmented.csv"}, {"unit", unit.name}};
  run["quick"] = quick_record(request.quick, request.changes);
  run["settings"] = settings_record(c.recipe);
  run["versions"] = versions_record();
  return run;
}

/// The arms asked for; beside a balance plan the one that repeats reals to the same numbers, beside
/// a selection the arm in question with fakes as they came.
std::vector<Arm> arms_with_controls(const Recipe& recipe) {
  std::vector<Arm> arms = arms_of(recipe.texts("study.arms"));
  if (changes_balance(recipe))
    for (const char* arm : {"gan", "classic+gan"}) add_control(arms, arm, "oversample");
  if (!recipe.texts("select.by").empty())
    add_control(arms, recipe.texts("study.primary").at(0), "unselected");
  return arms;
}

std::vector<RunSetting> run_settings(const StudyRequest& request, const Prepared& data) {
  return {{"data", data.digest}, {"quick", request.quick ? "true" : "false"}};
}

}  // namespace

std::string run_study(const StudyRequest& request) {
  const Recipe& recipe = request.recipe;
  const auto start = Clock::now();
  const int folds = static_cast<int>(recipe.integer("study.folds"));
  const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
  const std::vector<Arm> arms = arms_with_controls(recipe);
  const Prepared data = prepare_data(request.data, recipe, folds, seed);
  const auto context = [&](const RunFolder* folder) {
    return Context{
        folder, recipe, data, arms, folds, static_cast<int>(recipe.integer("study.seeds")), seed};
  };
  require_trainable(context(nullptr));
  if (request.plan_only) {
    const Context c = context(nullptr);
    fmt::print("{}", plan_text(c, make_plan(c), request.changes));
    return {};
  }
  require_outside(request.out, request.data.path);
  const RunFolder folder = RunFolder::open(request.out, recipe, run_settings(request, data));
  const Context c = context(&folder);
  const RunLog log(folder);
  log.add("study",
          {{"event", folder.continued() ? "continued" : "started"}, {"version", GANYMEDE_VERSION}});
  fmt::print(stderr, "{}", plan_text(c, make_plan(c), request.changes));
  if (folds == 1) write_split(folder.file("split.csv"), data.dataset, data.splits[0]);
  for (int fold = 0; fold < folds && folds > 1; ++fold)
    write_split(folder.file(fmt::format("split-fold{}.csv", fold)), data.dataset,
                data.splits[std::size_t(fold)]);

  Timing timing(log);
  const Fakes fakes = timing.stage("gan", [&] { return make_fakes(c); });
  write_manifest(c, fakes);
  const std::vector<ArmResults> trained =
      timing.stage("classifiers", [&] { return train_arms(c, fakes); });
  const std::size_t chosen = best_unit(c, trained);
  write_augmented(c, c.units()[chosen], fakes[chosen]);
  const TestResults test = timing.stage("test", [&] { return test_arms(c, trained); });
  Json run =
      timing.stage("measures", [&] { return whole_record(request, c, fakes, test, chosen); });
  run["timing"] = timing.record();
  write_file(folder.file("run.json"), text_of(run));
  report::write_report(folder.path());
  log.add("study", {{"event", "finished"}, {"seconds", seconds_since(start)}});
  if (run.contains("verdict"))
    fmt::print(stderr, "\n{}\n", run["verdict"]["sentence"].get<std::string>());
  return folder.file("report.html");
}

}  // namespace ganymede::study
