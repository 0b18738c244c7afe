#include <ganymede/models/saved_classifier.h>

#include <sstream>
#include <utility>

#include <fmt/format.h>

#include <ganymede/engine/checkpoint.h>
#include <ganymede/kernels/error.h>
#include <ganymede/models/settings.h>

namespace ganymede {

void save_classifier(SavedClassifier& saved, const std::string& name, const std::string& path) {
  CheckpointWriter writer;
  const std::int64_t side = saved.recipe.integer("classifier.input");
  writer.add_root_network("classifier", *saved.network, {1, side, side, saved.channels});
  writer.add_text("recipe", saved.recipe.toml());
  writer.add_text("network", name);
  std::string classes;
  for (const std::string& c : saved.classes) classes += c + "\n";
  writer.add_text("classes", classes);
  writer.add_counter("channels", saved.channels);
  writer.add_counter("positive", saved.positive);
  writer.add_number("threshold", saved.threshold);
  std::move(writer).save(path);
}

SavedClassifier load_classifier(const std::string& path) {
  const CheckpointReader reader(path);
  if (reader.foreign() || !reader.has_network("classifier") || !reader.has_text("classes"))
    throw FormatError("'" + path + "' holds no classifier trained here; give one of a run's " +
                      "classifiers/<arm>/*.h5");
  SavedClassifier saved{
      .network = nullptr,
      .recipe = Recipe::parse(reader.text("recipe"), "the recipe in '" + path + "'"),
      .classes = {},
      .channels = static_cast<int>(reader.counter("channels")),
      .threshold = reader.number("threshold"),
      .positive = static_cast<int>(reader.counter("positive"))};
  std::istringstream lines(reader.text("classes"));
  for (std::string line; std::getline(lines, line);) saved.classes.push_back(line);
  if (saved.classes.size() < 2 || saved.positive < 0 ||
      std::size_t(saved.positive) >= saved.classes.size() || saved.channels < 1 ||
      saved.channels > 4)
    throw FormatError(fmt::format(
        "'{}' names {} classes, {} as the positive one, and {} channels, which no classifier has; "
        "take a file that was written here",
        path, saved.classes.size(), saved.positive, saved.channels));
  saved.network = make_classifier(saved.recipe, reader.text("network"), saved.channels,
                                  static_cast<int>(saved.classes.size()), Rng(0, "loaded"));
  reader.load_network("classifier", *saved.network);
  return saved;
}

}  // namespace ganymede
