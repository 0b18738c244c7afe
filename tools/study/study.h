#pragma once

#include <string>
#include <vector>

#include <ganymede/models/recipe.h>
#include <ganymede/tools/study/prepared.h>

namespace ganymede::study {

struct StudyRequest {
  DataSource data;
  Recipe recipe;
  std::string out;
  std::string inputs;  ///< --inputs: a folder of unlabelled images to augment from, or empty
  bool quick = false;
  std::vector<RecipeChange> changes;  ///< what --quick changed
  bool plan_only = false;
  int gans_at_once = 0;  ///< as Context's
};

/// The whole study: split, GANs, fakes and their audit, classifiers over all arms, the test part,
/// verdict and report, in the folder `request.out`; goes on where an earlier run stopped. Gives the
/// path of the report, or nothing for a plan alone. The plan and what is done go to stderr.
std::string run_study(const StudyRequest& request);

}  // namespace ganymede::study
