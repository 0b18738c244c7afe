#include <ganymede/tools/study/synthesis.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <ganymede/models/quality/significance.h>

#include <ganymede/tools/study/audit.h>
#include <ganymede/tools/study/balance.h>
#include <ganymede/tools/study/candidates.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/tell.h>

namespace ganymede::study {
namespace {

using quality::Rejection;

/// What the recipe's select.by asks of a fake.
struct Criteria {
  bool critic = false, classifier = false, nearest = false, duplicates = false;
  explicit Criteria(const Recipe& recipe) {
    for (const std::string& by : recipe.texts("select.by")) {
      critic |= by == "critic";
      classifier |= by == "classifier";
      nearest |= by == "nearest";
      duplicates |= by == "duplicates";
    }
  }
};

/// The selector's word on candidate i: the class it sees, and whether that contradicts.
struct Sight {
  int seen = 0;
  float sure = 0;
  bool contradicts = false;
};

Sight sight_of(const Context& c, const Candidates& made, std::size_t i) {
  const auto classes = std::ptrdiff_t(c.data.classes());
  const auto row = made.probabilities.begin() + std::ptrdiff_t(i) * classes;
  const auto best = std::max_element(row, row + classes);
  const int seen = static_cast<int>(best - row);
  const float own = row[made.of_class];
  return {seen, *best, seen != made.of_class || own < float(c.recipe.number("select.confidence"))};
}

std::vector<quality::Candidate> judged(const Context& c, const Candidates& made,
                                       const quality::TwoSpaceAudit& audit, const Criteria& by) {
  std::vector<quality::Candidate> candidates;
  for (std::size_t i = 0; i < made.images.size(); ++i)
    candidates.push_back({.score = made.scores[i],
                          .distance = audit.pixels.fakes[i].distance,
                          .near_identical = audit.near_identical[i],
                          .flagged = audit.flagged[i],
                          .disagrees = by.classifier && sight_of(c, made, i).contradicts});
  return candidates;
}

quality::SelectionRules rules_of(const Context& c, const quality::Audit& audit, const Criteria& by,
                                 int wanted) {
  quality::SelectionRules rules{.keep = wanted, .by_score = by.critic};
  if (by.nearest)
    rules.far = quality::quantile_of_sorted(audit.between_patients, c.recipe.number("select.far"));
  if (by.duplicates) rules.duplicate = audit.near_identity_limit;
  return rules;
}

std::string path_of(const Context& c, const Unit& unit, const Candidates& made, std::size_t i) {
  return fmt::format("synthetic/{}{}/{}/{:04}.png", c.class_folder(made.of_class), made.suffix,
                     unit.name, i);
}

Fake fake_of(const Context& c, const Unit& unit, const Candidates& made, std::size_t i,
             const quality::Choice& choice, const quality::Nearest& nearest) {
  Fake fake{
      .path = path_of(c, unit, made, i),
      .kept = choice.rejection == Rejection::none,
      .rejection = choice.rejection,
      .reason = to_string(choice.rejection),
      .nearest = c.data.dataset.samples[std::size_t(made.learnt[std::size_t(nearest.index)])].path,
      .distance = nearest.distance,
      .score = made.scores[i],
      .input = made.inputs.empty() ? "" : made.inputs[i]};
  if (choice.twin >= 0) fake.reason += ": " + path_of(c, unit, made, std::size_t(choice.twin));
  if (made.probabilities.empty()) return fake;
  const Sight sight = sight_of(c, made, i);
  fake.seen_as = fmt::format("{} ({:.2f})", c.class_name(sight.seen), sight.sure);
  if (choice.rejection == Rejection::disagrees) fake.reason += ": " + fake.seen_as;
  return fake;
}

/// The control of the selection: as many as were kept, the first ones that the audit lets pass.
void mark_unselected(Synthesis& s) {
  int marked = 0;
  const int wanted = s.kept_count();
  for (Fake& fake : s.fakes) {
    fake.unselected = marked < wanted && fake.rejection != Rejection::near_identical &&
                      fake.rejection != Rejection::flagged;
    marked += fake.unselected;
  }
}

}  // namespace

Synthesis chosen_of(const Context& c, const Unit& unit, Candidates made, int wanted) {
  Synthesis result{.of_class = made.of_class, .wanted = wanted, .learnt = made.learnt};
  if (made.images.empty()) return result;
  const std::vector<float> values = to_values(made.images);
  result.audit = audit_of(c, made);
  const Criteria by(c.recipe);
  const std::vector<quality::Choice> choices =
      quality::select(image_set(c.data, values), judged(c, made, result.audit, by),
                      rules_of(c, result.audit.pixels, by, wanted));
  for (std::size_t i = 0; i < made.images.size(); ++i) {
    result.fakes.push_back(fake_of(c, unit, made, i, choices[i], result.audit.pixels.fakes[i]));
    const std::string file = c.folder->file(result.fakes.back().path);
    if (!std::filesystem::exists(file)) write_png(file, made.images[i]);
  }
  mark_unselected(result);
  result.images = std::move(made.images);
  return result;
}

std::vector<Image> Synthesis::kept() const {
  std::vector<Image> chosen;
  for (std::size_t i = 0; i < fakes.size(); ++i)
    if (fakes[i].kept) chosen.push_back(images[i]);
  return chosen;
}

std::vector<Image> Synthesis::images_for(const Arm& arm) const {
  if (!arm.unselected) return kept();
  std::vector<Image> first;
  for (std::size_t i = 0; i < fakes.size(); ++i)
    if (fakes[i].unselected) first.push_back(images[i]);
  return first;
}

int Synthesis::kept_count() const {
  return static_cast<int>(std::ranges::count_if(fakes, &Fake::kept));
}

int Synthesis::rejected_for(quality::Rejection rejection) const {
  return static_cast<int>(std::ranges::count(fakes, rejection, &Fake::rejection));
}

std::vector<Synthesis> synthesise(const Context& c, const Unit& unit) {
  std::optional<Selector> selector;
  if (needs_selector(c.recipe)) {
    selector.emplace(c, unit);
    tell(selector->text());
  }
  std::vector<Candidates> candidates = make_candidates(c, unit, selector ? &*selector : nullptr);
  const std::vector<int> wanted = wanted_fakes(c, unit.fold);
  std::vector<Synthesis> result;
  for (Candidates& made : candidates)
    result.push_back(chosen_of(c, unit, std::move(made), wanted[result.size()]));
  return result;
}

}  // namespace ganymede::study
