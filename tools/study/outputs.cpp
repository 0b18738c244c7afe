#include <ganymede/tools/study/outputs.h>

#include <filesystem>

#include <fmt/format.h>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>

namespace ganymede::study {
namespace {

/// The path of a training image as seen from the run folder. Images that a phantom holds in memory
/// or a DICOM file through a window are written beside the fakes: the file's own name may be
/// secret.
std::string training_path(const Context& c, int sample) {
  const Sample& s = c.data.dataset.samples[std::size_t(sample)];
  if (!s.memory && s.file.empty())
    return std::filesystem::relative(file_of(c.data.dataset, s), c.folder->path()).string();
  std::string path = "real/" + s.path;
  if (!path.ends_with(".png")) path += ".png";
  const std::string file = c.folder->file(path);
  if (!std::filesystem::exists(file)) write_png(file, load_image(c.data.dataset, s));
  return path;
}

}  // namespace

void write_manifest(const Context& c, const Fakes& fakes) {
  std::vector<std::vector<std::string>> rows;
  const std::vector<Unit> units = c.units();
  for (std::size_t u = 0; u < units.size(); ++u)
    for (const Synthesis& s : fakes[u])
      for (const Fake& fake : s.fakes)
        rows.push_back({fake.path, c.class_name(s.of_class), units[u].name,
                        fake.kept ? "kept" : "rejected", fake.reason, fake.nearest,
                        fmt::format("{:.6f}", fake.distance), fmt::format("{:.6g}", fake.score),
                        fake.seen_as, fake.unselected ? "yes" : "no", fake.input});
  write_table(c.folder->file("synthetic/manifest.csv"),
              {"path", "label", "unit", "status", "reason", "nearest_training_image", "distance",
               "critic_score", "classifier_sees", "in_unselected_arm", "input"},
              rows);
}

void write_augmented(const Context& c, const Unit& unit, const std::vector<Synthesis>& fakes) {
  std::vector<std::vector<std::string>> rows;
  for (int i : c.data.samples(unit.fold, Part::train))
    rows.push_back({training_path(c, i), c.data.dataset.samples[std::size_t(i)].label, "real"});
  for (const Synthesis& s : fakes)
    for (const Fake& fake : s.fakes)
      if (fake.kept) rows.push_back({fake.path, c.class_name(s.of_class), "gan"});
  write_table(c.folder->file("augmented.csv"), {"path", "label", "source"}, rows);
}

}  // namespace ganymede::study
