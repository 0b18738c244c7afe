#include <ganymede/tools/study/synthesis.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include <ganymede/tools/study/pictures.h>

namespace ganymede::study {
namespace {

quality::ImageSet image_set(const std::vector<float>& values, const Prepared& data) {
  const int size = data.size * data.size * data.channels;
  return {values, static_cast<int>(values.size()) / size, data.size, data.size, data.channels};
}

std::vector<Image> images_of(const Prepared& data, const std::vector<int>& samples) {
  std::vector<Image> images;
  for (int i : samples) images.push_back(data.images.image(i));
  return images;
}

std::vector<int> groups_of(const Prepared& data, const std::vector<int>& samples) {
  std::vector<int> groups;
  for (int i : samples) groups.push_back(data.groups[std::size_t(i)]);
  return groups;
}

quality::AuditOptions audit_options(const Recipe& r) {
  return {.fewest_held_out = static_cast<int>(r.integer("audit.fewest_held_out")),
          .percentile = r.number("audit.percentile"),
          .near_identical = r.number("audit.near_identical"),
          .alpha = r.number("audit.alpha")};
}

std::string reason_for(const quality::Audit& audit, std::size_t i, bool needed) {
  if (audit.near_identical[i]) return "near-identical to a training image";
  if (audit.flagged[i]) return "closer to a training image than real images are";
  return needed ? "" : "surplus";
}

}  // namespace

std::vector<Image> Synthesis::kept() const {
  std::vector<Image> chosen;
  for (std::size_t i = 0; i < fakes.size(); ++i)
    if (fakes[i].kept) chosen.push_back(images[i]);
  return chosen;
}

int Synthesis::kept_count() const {
  return static_cast<int>(std::ranges::count_if(fakes, &Fake::kept));
}

int wanted_fakes(const Context& c, int fold, int of_class) {
  const auto reals = [&](int k) { return int(c.data.samples(fold, Part::train, k).size()); };
  if (c.recipe.text("balance.plan") == "per_real")
    return static_cast<int>(std::lround(c.recipe.number("select.per_real") * reals(of_class)));
  int majority = 0;
  for (int k = 0; k < c.data.classes(); ++k) majority = std::max(majority, reals(k));
  return majority - reals(of_class);
}

Synthesis synthesise(const Context& c, const Unit& unit, int of_class, Gan& gan) {
  Synthesis result;
  result.of_class = of_class;
  const int wanted = wanted_fakes(c, unit.fold, of_class);
  if (wanted == 0) return result;
  const int made = static_cast<int>(std::ceil(wanted * c.recipe.number("select.candidates")));
  Rng noise(unit.seed, "fakes/" + c.class_name(of_class) + "/fold" + std::to_string(unit.fold));
  result.images = to_images(gan.sample(made, noise), c.data.bits);

  const std::vector<int> train = c.data.samples(unit.fold, Part::train, of_class);
  const std::vector<int> held_out = c.data.samples(unit.fold, Part::validation, of_class);
  const std::vector<float> fake_values = to_values(result.images),
                           train_values = to_values(images_of(c.data, train)),
                           held_out_values = to_values(images_of(c.data, held_out));
  result.audit =
      quality::audit_memorisation(image_set(fake_values, c.data), image_set(train_values, c.data),
                                  image_set(held_out_values, c.data), groups_of(c.data, train),
                                  groups_of(c.data, held_out), audit_options(c.recipe));

  int kept = 0;
  for (std::size_t i = 0; i < result.images.size(); ++i) {
    const quality::Nearest& nearest = result.audit.fakes[i];
    Fake fake{
        .path = fmt::format("synthetic/{}/{}/{:04}.png", c.class_folder(of_class), unit.name, i),
        .reason = reason_for(result.audit, i, kept < wanted),
        .nearest = c.data.dataset.samples[std::size_t(train[std::size_t(nearest.index)])].path,
        .distance = nearest.distance};
    fake.kept = fake.reason.empty();
    kept += fake.kept;
    const std::string file = c.folder->file(fake.path);
    if (!std::filesystem::exists(file)) write_png(file, result.images[i]);
    result.fakes.push_back(std::move(fake));
  }
  return result;
}

}  // namespace ganymede::study
