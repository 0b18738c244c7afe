#pragma once

#include <string>

#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// What a study is going to do, measured where it can be: its units, the time they take on this
/// machine (one step of each network is timed), memory and disk.
struct Plan {
  std::int64_t gans = 0, gan_iterations = 0, classifiers = 0, classifier_steps = 0;
  double seconds = 0;
  double memory_bytes = 0, disk_bytes = 0;
};

Plan make_plan(const Context& context);

/// For a person: the data, the arms, the plan, and what --quick changed.
std::string plan_text(const Context& context, const Plan& plan,
                      const std::vector<RecipeChange>& quick);

}  // namespace ganymede::study
