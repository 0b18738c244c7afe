#include <ganymede/tools/study/notes.h>
#include <ganymede/tools/study/tested_classes.h>

#include <fmt/format.h>

namespace ganymede::study {
namespace {

/// The classes of which fewer fakes passed than were wanted.
std::string missing_fakes(const Context& c, const std::vector<Synthesis>& fakes) {
  std::string classes;
  for (const Synthesis& s : fakes)
    if (s.kept_count() < s.wanted)
      classes += fmt::format("{}{} ({} of {})", classes.empty() ? "" : ", ",
                             c.class_name(s.of_class), s.kept_count(), s.wanted);
  if (classes.empty()) return {};
  return "Fewer fakes than wanted passed the audit and the selection: " + classes +
         ". More candidates (select.candidates), a longer training or a milder select.by keep "
         "more.";
}

}  // namespace

std::vector<std::string> notes_of(const Context& c, const std::vector<Synthesis>& fakes) {
  std::vector<std::string> notes = c.data.dataset.notes;
  if (c.recipe.text("classifier.weights").empty())
    notes.push_back(
        "The classifiers were trained from scratch (classifier.weights is empty), not from weights "
        "learnt elsewhere.");
  if (c.recipe.flag("study.curves"))
    notes.push_back(
        "The test part was also looked at during training, for the curves alone (study.curves); "
        "nothing was chosen by it.");
  if (c.folds > 1)
    notes.push_back(
        std::string("Each image was tested once, by classifiers of the fold that had not seen it") +
        (any_fakes(c.arms) ? "; GANs were trained anew in each fold." : "."));
  if (const std::string missing = missing_fakes(c, fakes); !missing.empty())
    notes.push_back(missing);
  if (const std::string why = no_question_because(c); !why.empty()) notes.push_back(why);
  return notes;
}

}  // namespace ganymede::study
