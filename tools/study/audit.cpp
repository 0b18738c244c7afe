#include <ganymede/tools/study/audit.h>

#include <nlohmann/json.hpp>

#include <ganymede/models/image_audit.h>

#include <ganymede/tools/report/pictures.h>
#include <ganymede/tools/report/run_json.h>
#include <ganymede/tools/study/pictures.h>
#include <ganymede/tools/study/recipe_features.h>

namespace ganymede::study {
namespace {

using Json = nlohmann::ordered_json;

quality::AuditOptions audit_options(const Recipe& r) {
  return {.fewest_held_out = static_cast<int>(r.integer("audit.fewest_held_out")),
          .percentile = r.number("audit.percentile"),
          .near_identical = r.number("audit.near_identical"),
          .alpha = r.number("audit.alpha")};
}

std::unique_ptr<FeatureExtractor> extractor_of(const Context& c) {
  return recipe_features(c.recipe, "audit.features",
                         {c.data.size, c.data.columns, c.data.channels});
}

}  // namespace

quality::TwoSpaceAudit audit_of(const Context& c, const Candidates& made) {
  const std::vector<float> fakes = to_values(made.images),
                           train = to_values(c.data.images_of(made.learnt)),
                           held_out = to_values(c.data.images_of(made.held_out));
  return audit_images(*extractor_of(c), image_set(c.data, fakes), image_set(c.data, train),
                      image_set(c.data, held_out), c.data.groups_of(made.learnt),
                      c.data.groups_of(made.held_out), audit_options(c.recipe));
}

Json audit_record(const Context& c, const Synthesis& s) {
  Json record = report::audit_json(s.audit, extractor_of(c)->info().name);
  std::vector<Image> fakes, nearest;
  for (const quality::NearestPair& pair : quality::nearest_pairs(s.audit)) {
    fakes.push_back(s.images[std::size_t(pair.fake)]);
    nearest.push_back(c.data.images.image(s.learnt[std::size_t(pair.training.index)]));
  }
  const std::string path = "pictures/" + c.class_folder(s.of_class) + "-closest.png";
  constexpr int columns = 10, least_width = 480;
  write_png(c.folder->file(path),
            enlarged(report::paired_grid(fakes, nearest, columns), least_width));
  record["pairs"] = path;
  return record;
}

}  // namespace ganymede::study
