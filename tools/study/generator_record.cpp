// What is said of a generator and its fakes: sizes, losses, distances, pictures.

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/distance.h>
#include <ganymede/tools/study/gan_run.h>
#include <ganymede/tools/study/gan_unit.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/run_record.h>
#include <ganymede/tools/study/training_record.h>

namespace ganymede::study {
namespace {

/// At most `most` images as one picture, enlarged for a page; a row that is not full is filled up,
/// so that few images are no larger than many.
std::string write_grid(const Context& c, const std::string& name, std::vector<Image> images,
                       int columns, std::size_t most) {
  if (images.empty()) return {};
  if (images.size() > most) images.resize(most);
  const Image& first = images.front();
  const Image blank(first.height(), first.width(), first.channels(), first.bits());
  if (images.size() < std::size_t(columns)) images.resize(std::size_t(columns), blank);
  const std::string path = "pictures/" + name + ".png";
  write_png(c.folder->file(path), enlarged(image_grid(images, columns), 480));
  return path;
}

Json class_names(const Context& c, const std::vector<int>& classes) {
  Json names = Json::array();
  for (int k : classes) names.push_back(c.class_name(k));
  return names;
}

/// How many candidates fell to each criterion; null where nothing but the audit looked.
Json selection_record(const Context& c, const Synthesis& s) {
  using quality::Rejection;
  if (c.recipe.texts("select.by").empty()) return nullptr;
  return {{"candidates", s.fakes.size()},
          {"audited_out",
           s.rejected_for(Rejection::near_identical) + s.rejected_for(Rejection::flagged)},
          {"far", s.rejected_for(Rejection::far)},
          {"disagreed", s.rejected_for(Rejection::disagrees)},
          {"duplicates", s.rejected_for(Rejection::duplicate)},
          {"low_score", s.rejected_for(Rejection::low_score) + s.rejected_for(Rejection::surplus)},
          {"kept", s.kept_count()}};
}

}  // namespace

Json gan_record(const Context& c, const Unit& unit, const GanJob& job, GanTraining& training,
                const Synthesis& synthesis, const TestResults& test) {
  Json record{{"name", job.name},
              {"trained_on", class_names(c, job.learns)},
              {"makes", class_names(c, job.makes)},
              {"conditional", job.conditional}};
  record.update(training_record(training, logged_speed(*c.folder, gan_place(unit, job))));
  if (Json watch = watch_record(training, c.recipe, held_out_of(c, unit.fold, job));
      !watch.is_null())
    record["watch"] = watch;
  record["frechet"] = distance_record(c, unit, job, synthesis, test);
  record["diversity"] = diversity_record(
      synthesis.kept(),
      c.data.images_of(c.data.samples(unit.fold, Part::train, synthesis.of_class)));
  if (record["diversity"].is_null()) record.erase("diversity");
  return record;
}

Json synthetic_record(const Context& c, const Synthesis& s) {
  const std::string name = c.class_folder(s.of_class);
  std::map<std::string, int> reasons;
  std::map<std::string, std::vector<Image>> rejected;
  std::vector<Image> pairs_above, pairs_below;
  for (std::size_t i = 0; i < s.fakes.size(); ++i) {
    const std::string reason = to_string(s.fakes[i].rejection);
    if (!s.fakes[i].kept) {
      ++reasons[reason];
      rejected[reason].push_back(s.images[i]);
    } else if (pairs_above.size() < 24) {
      pairs_above.push_back(s.images[i]);
      pairs_below.push_back(
          c.data.images.image(s.learnt[std::size_t(s.audit.pixels.fakes[i].index)]));
    }
  }
  constexpr int columns = 12;
  const std::vector<Image> pairs =
      pairs_above.empty()
          ? std::vector<Image>{}
          : std::vector<Image>{report::paired_grid(pairs_above, pairs_below, columns)};
  Json record{{"wanted", s.wanted},     {"made", s.fakes.size()},
              {"kept", s.kept_count()}, {"rejected", int(s.fakes.size()) - s.kept_count()},
              {"reasons", reasons},     {"selection", selection_record(c, s)}};
  const auto reals = c.data.images_of(c.data.samples(0, Part::train, s.of_class));
  record["real"] = write_grid(c, name + "-real", reals, 8, 64);
  record["grid"] = write_grid(c, name + "-fake", s.kept(), 8, 64);
  record["nearest"] = write_grid(c, name + "-nearest", pairs, 1, 1);
  for (const char* key : {"real", "grid", "nearest"})
    if (record[key] == "") record.erase(key);
  Json examples = Json::array();
  for (const auto& [reason, images] : rejected)
    examples.push_back(
        {{"reason", reason},
         {"picture", write_grid(c, fmt::format("{}-rejected{}", name, examples.size()), images,
                                columns, columns)}});
  record["rejected_examples"] = examples;
  return record;
}

}  // namespace ganymede::study
