#include <ganymede/tools/verbs/recipe.h>

#include <fmt/format.h>
#include <ganymede/models/recipe.h>

namespace ganymede {
namespace {

int list_recipes() {
  for (const RecipeSummary& recipe : Recipe::list())
    fmt::print("{:<18} {}\n{:<18} paper {}\n", recipe.name, recipe.about, "", recipe.paper);
  return 0;
}

struct ShowOptions {
  std::string name;
  bool quick = false;
  std::vector<std::string> assignments;
};

int show_recipe(const ShowOptions& options) {
  Recipe recipe = Recipe::named(options.name);
  if (options.quick)
    for (const RecipeChange& change : recipe.apply_quick())
      fmt::print("# --quick: {} {} -> {}\n", change.key, change.before, change.after);
  for (const std::string& assignment : options.assignments) recipe.set(assignment);
  fmt::print("{}", recipe.toml());
  return 0;
}

}  // namespace

void add_recipe(CommandLine& program) {
  CommandLine& verb = program.verb("recipe", "List or print the recipes",
                                   "ganymede recipe show headct-dcgan32 > mine.toml");
  CommandLine& list = verb.verb("list", "The shipped recipes", "ganymede recipe list");
  list.action(list_recipes);

  CommandLine& show =
      verb.verb("show", "Every key of a recipe: value, what it may be, and where it comes from",
                "ganymede recipe show headct-dcgan32 --quick --set gan.epochs=50");
  auto options = std::make_shared<ShowOptions>();
  show.argument("NAME", options->name, "a shipped recipe or a file");
  show.flag("--quick", options->quick, "apply the recipe's [quick] table");
  show.option("--set", options->assignments, "key=value; may be repeated");
  show.action([options] { return show_recipe(*options); });
}

}  // namespace ganymede
