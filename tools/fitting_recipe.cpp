#include <ganymede/tools/fitting_recipe.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include <ganymede/models/recipe.h>

namespace ganymede {
namespace {

/// Whether any pixel is not grey. Grey pictures are often saved as RGB.
bool has_colour(const Image& image) {
  if (image.channels() < 3) return false;
  for (std::size_t i = 0; i < image.size(); i += std::size_t(image.channels()))
    if (image.value(i) != image.value(i + 1) || image.value(i) != image.value(i + 2)) return true;
  return false;
}

/// Whether most of a few images, taken from all over the set, have colours: of grey ones some may
/// bear a coloured mark.
bool is_colour_set(const Dataset& dataset) {
  const std::size_t count = std::min<std::size_t>(9, dataset.samples.size());
  std::size_t coloured = 0;
  for (std::size_t i = 0; i < count; ++i)
    coloured +=
        has_colour(load_image(dataset, dataset.samples[i * dataset.samples.size() / count]));
  return 2 * coloured > count;
}

/// Classes whose names are numbers have an order, which kappa with quadratic weights knows.
bool are_grades(const std::vector<std::string>& classes) {
  const auto is_number = [](const std::string& name) {
    return std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  return classes.size() > 2 && std::ranges::all_of(classes, is_number);
}

/// The numbers of images in the recipe are those of Messidor-2.
FittingRecipe colour_recipe(const Dataset& dataset, bool own_parts) {
  FittingRecipe fitting{.name = "retina-wgan64", .settings = {}};
  const Recipe recipe = Recipe::named(fitting.name);
  double wanted = 0;
  for (const double n : recipe.numbers("data.counts")) wanted += n;
  const bool whole = dataset.layout == "messidor-2" && double(dataset.samples.size()) > wanted;
  if (own_parts || !whole) fitting.settings.push_back("data.counts=none");
  if (!whole) fitting.settings.push_back("select.keep=none");
  if (!are_grades(dataset.classes)) fitting.settings.push_back("study.metric=auc");
  return fitting;
}

}  // namespace

FittingRecipe fitting_recipe(const Dataset& dataset, bool own_parts) {
  if (dataset.layout == "chest-xray-pneumonia") return {.name = "cxr-dcgan128", .settings = {}};
  if (dataset.layout == "rsna") return {.name = "brainct-dcgan128", .settings = {}};
  if (dataset.layout == "messidor-2" || is_colour_set(dataset))
    return colour_recipe(dataset, own_parts);
  return {.name = "headct-dcgan32", .settings = {}};
}

std::string quoted(const std::string& word) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-+=.,:/@%").find(char(c)) != std::string::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace ganymede
