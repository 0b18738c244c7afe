#include <ganymede/tools/study/study.h>

#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/config.h>
#include <ganymede/kernels/file.h>
#include <ganymede/tools/report/html_report.h>
#include <ganymede/tools/run_log.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/classification_study.h>
#include <ganymede/tools/study/detection/augmentation_inputs.h>
#include <ganymede/tools/study/detection/study.h>
#include <ganymede/tools/study/plan.h>
#include <ganymede/tools/study/recipe_fit.h>
#include <ganymede/tools/study/requirements.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/tell.h>

namespace ganymede::study {
namespace {

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

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<RunSetting> run_settings(const StudyRequest& request, const Prepared& data,
                                     const UnlabelledInputs& inputs) {
  std::vector<RunSetting> settings{fingerprint_setting(data),
                                   {"quick", request.quick ? "true" : "false"}};
  if (!request.inputs.empty()) settings.push_back(inputs.setting);
  return settings;
}

}  // namespace

std::string run_study(const StudyRequest& request) {
  const Recipe& recipe = request.recipe;
  const auto start = std::chrono::steady_clock::now();
  const int folds = static_cast<int>(recipe.integer("study.folds"));
  const auto seed = static_cast<std::uint64_t>(recipe.integer("study.seed"));
  const std::vector<Arm> arms = arms_with_controls(recipe);
  Prepared data = prepare_images(request.data, recipe);
  require_fit(data.dataset, recipe, folds > 1 || !request.data.split.empty(), any_fakes(arms));
  split_data(data, request.data, recipe, folds, seed);
  const UnlabelledInputs inputs = unlabelled_inputs(request.inputs, recipe, data);
  const auto context = [&](const RunFolder* folder) {
    return Context{.folder = folder,
                   .recipe = recipe,
                   .data = data,
                   .arms = arms,
                   .folds = folds,
                   .seeds = static_cast<int>(recipe.integer("study.seeds")),
                   .seed = seed,
                   .inputs = inputs.images,
                   .gans_at_once = request.gans_at_once};
  };
  require_trainable(context(nullptr));
  if (request.plan_only) {
    const Context c = context(nullptr);
    fmt::print("{}", plan_text(c, make_plan(c), request.changes));
    return {};
  }
  require_outside(request.out, request.data.path);
  const RunFolder folder =
      RunFolder::open(request.out, recipe, run_settings(request, data, inputs));
  const Context c = context(&folder);
  const RunLog log(folder);
  log.add("study",
          {{"event", folder.continued() ? "continued" : "started"}, {"version", GANYMEDE_VERSION}});
  tell(plan_text(c, make_plan(c), request.changes));
  if (folds == 1) write_split(folder.file("split.csv"), data.dataset, data.splits[0]);
  for (int fold = 0; fold < folds && folds > 1; ++fold)
    write_split(folder.file(fmt::format("split-fold{}.csv", fold)), data.dataset,
                data.splits[std::size_t(fold)]);

  Timing timing(log);
  Json run{{"verb", "study"},
           {"recipe", recipe.name()},
           {"seed", c.seed},
           {"seeds", c.seeds},
           {"folds", c.folds}};
  run.update(is_detection(recipe) ? run_detectors(c, timing, request.quick)
                                  : run_classifiers(c, timing, request.quick));
  run["data"] = data_record(c);
  run["split"] = split_record(c);
  run["quick"] = quick_record(request.quick, request.changes);
  run["settings"] = settings_record(recipe);
  run["versions"] = versions_record();
  run["timing"] = timing.record();
  write_file(folder.file("run.json"), text_of(run));
  report::write_report(folder.path());
  log.add("study", {{"event", "finished"}, {"seconds", seconds_since(start)}});
  if (run.contains("verdict"))
    tell(fmt::format("\n{}\n", run["verdict"]["sentence"].get<std::string>()));
  return folder.file("report.html");
}

}  // namespace ganymede::study
