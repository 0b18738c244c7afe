#include <ganymede/models/gan_notes.h>

#include <sstream>

#include <ganymede/kernels/error.h>
#include <ganymede/models/settings.h>

namespace ganymede {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream lines(text);
  std::vector<std::string> result;
  for (std::string line; std::getline(lines, line);) result.push_back(line);
  return result;
}

}  // namespace

void add_notes(CheckpointWriter& writer, const GanNotes& notes, const GanNetworkOptions& network) {
  writer.add_counter("channels", network.channels);
  writer.add_counter("classes", network.classes);
  writer.add_counter("detector", notes.detector);
  writer.add_text("recipe", notes.recipe);
  std::string names;
  for (const std::string& name : notes.classes) names += name + "\n";
  writer.add_text("class_names", names);
}

SavedNotes read_notes(const CheckpointReader& reader, const std::string& path,
                      const std::string& wanted) {
  if (reader.foreign() || !reader.has_text("recipe") || !reader.has_counter("channels"))
    throw FormatError("'" + path + "' holds no " + wanted);
  const auto counter = [&](const char* name) {
    return reader.has_counter(name) ? static_cast<int>(reader.counter(name)) : 0;
  };
  const Recipe recipe = Recipe::parse(reader.text("recipe"), "the recipe in '" + path + "'");
  const bool detector = counter("detector") != 0;
  const int channels = counter("channels");
  return {recipe,
          detector ? detector_options(recipe, channels)
                   : gan_options(recipe, channels, counter("classes")),
          reader.has_text("class_names") ? lines_of(reader.text("class_names"))
                                         : std::vector<std::string>{},
          detector};
}

}  // namespace ganymede
