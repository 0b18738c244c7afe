#pragma once

#include <string>
#include <vector>

#include <ganymede/models/quality/verdict.h>
#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// The patients of the test parts of all folds, by class; for detectors those of the learnt class
/// and of "other classes", which are all the same to them.
std::vector<quality::TestedClass> tested_classes(const Context& context);

/// What the primary comparison is decided by. `quick`: see VerdictRules.
quality::VerdictRules verdict_rules(const Context& context, bool quick);

/// Why the study asks for no verdict, with the mend; empty where it does.
std::string no_question_because(const Context& context);

/// What keeps the study from a verdict whatever its numbers will be, with the mend; empty where
/// nothing does, or where no verdict is asked for.
std::string no_verdict_because(const Context& context);

}  // namespace ganymede::study
