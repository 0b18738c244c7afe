#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include <ganymede/kernels/error.h>
#include <ganymede/models/recipe.h>
#include <ganymede/models/recipe_keys.h>

using namespace ganymede;
using Catch::Contains;

namespace {

/// A recipe file that lives as long as the test.
class TemporaryRecipe {
 public:
  explicit TemporaryRecipe(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / "ganymede_recipe_test.toml") {
    std::ofstream(path_) << text;
  }
  ~TemporaryRecipe() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

Recipe loaded(const std::string& text) { return Recipe::load(TemporaryRecipe(text).path()); }

}  // namespace

TEST_CASE("every key of defaults.toml is documented and allows its own default") {
  for (const RecipeKey& key : recipe_keys()) {
    INFO(key.name);
    CHECK(!key.comment.empty());
    CHECK_NOTHROW(fit_recipe_value(key, key.fallback));
  }
}

TEST_CASE("every shipped recipe loads and gives a source for each key it names") {
  CHECK(!Recipe::list().empty());
  for (const RecipeSummary& summary : Recipe::list()) {
    INFO(summary.name);
    Recipe recipe = Recipe::shipped(summary.name);
    CHECK(!recipe.about().empty());
    CHECK(!recipe.padding().empty());
    for (const RecipeEntry& entry : recipe.entries()) CHECK(entry.source != summary.name);
    CHECK(!recipe.apply_quick().empty());
  }
}

TEST_CASE("cxr-dcgan128 holds paper 003's numbers, and quick neither its arms nor its split") {
  Recipe recipe = Recipe::shipped("cxr-dcgan128");
  CHECK(recipe.integer("data.size") == 128);
  CHECK(recipe.integer("gan.latent") == 100);
  CHECK(recipe.integer("gan.epochs") == 500);
  CHECK(!recipe.flag("classic.hflip"));
  const auto held = [&] {
    CHECK(recipe.text("gan.model") == "dcgan128");
    CHECK(recipe.text("data.split") == "published");
    CHECK(recipe.text("balance.plan") == "fill");
    CHECK(recipe.texts("study.arms") ==
          std::vector<std::string>{"none", "oversample", "classic", "gan", "classic+gan"});
  };
  held();
  recipe.apply_quick();
  CHECK(recipe.integer("data.size") == 64);
  held();
}

TEST_CASE("headct-dcgan32 holds paper 000's numbers") {
  const Recipe recipe = Recipe::shipped("headct-dcgan32");
  CHECK(recipe.integer("gan.epochs") == 2500);
  CHECK(recipe.integer("gan.batch") == 16);
  CHECK(recipe.number("gan.learning_rate") == 2e-4);
  CHECK(recipe.flag("gan.invert_labels"));
  CHECK(recipe.text("classifier.variant") == "keras");
  CHECK(recipe.numbers("classic.strengths") == std::vector{.5, 1., 1.5});
  CHECK(recipe.texts("study.arms").size() == 4);
}

TEST_CASE("a misspelt key is refused with its file, its line and the nearest name") {
  CHECK_THROWS_WITH(loaded("base = \"headct-dcgan32\"\n\n[gan]\nepoch = 5\n"),
                    Contains("line 4: unknown key 'gan.epoch'; did you mean 'gan.epochs'?"));
  CHECK_THROWS_AS(loaded("[gan]\nepoch = 5\n"), FormatError);
  CHECK_THROWS_WITH(loaded("[quick]\n\"gan.wdth\" = 5\n"), Contains("did you mean 'gan.width'?"));
  CHECK_THROWS_WITH(Recipe::shipped("headct-dcgan23"), Contains("'headct-dcgan32'"));
  CHECK_THROWS_AS(Recipe::shipped("headct-dcgan23"), SettingError);
}

TEST_CASE("values that do not fit are refused") {
  CHECK_THROWS_WITH(loaded("[gan]\nepochs = \"many\"\n"), Contains("wants a whole number"));
  CHECK_THROWS_WITH(loaded("[gan]\nepochs = 1.5\n"), Contains("wants a whole number"));
  CHECK_THROWS_WITH(loaded("[gan]\nepochs = 0\n"), Contains("allowed is at least 1"));
  CHECK_THROWS_WITH(loaded("[select]\nsteps = 3000000000\n"), Contains("go up to 2147483647"));
  CHECK(loaded("[study]\nseed = 20261123120000\n").integer("study.seed") == 20261123120000);
  CHECK_THROWS_WITH(loaded("[select]\nkeep = [1e12]\n"), Contains("allowed is [0, 1e+06]"));
  CHECK_THROWS_WITH(loaded("[detect]\nepochs = inf\n"), Contains("'detect.epochs' is inf"));
  CHECK_THROWS_WITH(loaded("[gan]\nlearning_rate = 0\n"), Contains("allowed is (0, 1]"));
  CHECK_THROWS_WITH(loaded("[gan]\nlearning_rate = nan\n"), Contains("allowed is"));
  CHECK_THROWS_WITH(loaded("[data]\nresize = \"lanczos\"\n"), Contains("it can be area, bicubic"));
  CHECK_THROWS_WITH(loaded("[study]\narms = [\"gan\", 1]\n"),
                    Contains("neither numbers nor texts"));
  CHECK_THROWS_WITH(loaded("[gan\n"), Contains("line 1: not TOML"));
  CHECK_THROWS_AS(Recipe::load("/nonexistent/recipe.toml"), FileError);
}

TEST_CASE("set takes TOML values and bare words") {
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  recipe.set("gan.epochs=5");
  recipe.set("gan.learning_rate = 1");
  recipe.set("study.arms=none,gan");
  recipe.set("classic.strengths=[1]");
  recipe.set("data.resize=bicubic");
  recipe.set("data.positive=\"a b\"");
  recipe.set("gan.shuffle=false");
  CHECK(recipe.integer("gan.epochs") == 5);
  CHECK(recipe.number("gan.epochs") == 5.0);
  CHECK(recipe.number("gan.learning_rate") == 1.0);
  CHECK(recipe.texts("study.arms") == std::vector<std::string>{"none", "gan"});
  CHECK(recipe.numbers("classic.strengths") == std::vector{1.});
  CHECK(recipe.text("data.resize") == "bicubic");
  CHECK(recipe.text("data.positive") == "a b");
  CHECK(!recipe.flag("gan.shuffle"));
  recipe.set("data.counts=[8, 0, 4]");
  CHECK(recipe.numbers("data.counts") == std::vector{8., 0., 4.});
  recipe.set("data.counts=[]");  // the default is empty too
  CHECK(recipe.numbers("data.counts").empty());
  CHECK_THROWS_WITH(recipe.set("classic.strengths=[]"), Contains("an empty list"));
  CHECK_THROWS_WITH(recipe.set("epochs=5"), Contains("did you mean 'gan.epochs'?"));
  CHECK_THROWS_WITH(recipe.set("gan.epochs"), Contains("key=value"));
  CHECK_THROWS_AS(recipe.set("gan.epochs=five"), SettingError);
  CHECK_THROWS_AS(recipe.text("gan.epochs"), UsageError);
}

TEST_CASE("quick names every key it changes and leaves the arms and the split alone") {
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  const std::vector<RecipeChange> changes = recipe.apply_quick();
  for (const RecipeChange& change : changes) {
    CHECK(change.before != change.after);
    CHECK(!change.key.starts_with("data."));
    CHECK(change.key != "study.arms");
  }
  CHECK(recipe.apply_quick().empty());
}

TEST_CASE("a resolved recipe reads back as itself") {
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  recipe.set("data.positive=a \"quoted\" # name");
  const Recipe again = loaded(recipe.toml());
  const auto before = recipe.entries(), after = again.entries();
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    INFO(before[i].key);
    CHECK(before[i].value == after[i].value);
  }
  CHECK(again.about() == recipe.about());
}

TEST_CASE("keys without an end and keys that are none end in an error, not in a crash") {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  CHECK_THROWS_WITH(loaded("\n" + key + " = 1\n"), Contains("line 2: more than 1000 dots"));
  CHECK_THROWS_AS(loaded("[" + key + "]\n"), FormatError);
  CHECK_THROWS_AS(loaded("a.\"b\".= 1\n"), FormatError);
  CHECK_THROWS_AS(loaded("a.\n"), FormatError);
  CHECK_THROWS_AS(loaded("[a.]\n"), FormatError);
  CHECK_THROWS_AS(loaded(std::string(300'000, 'k') + " = 1\n"), FormatError);  // in no time
}

TEST_CASE("texts that no recipe can hold are refused when it is written, not when it is read") {
  Recipe recipe = Recipe::shipped("headct-dcgan32");
  recipe.set(
      "data.positive=bl\xc3\xb6"
      "d\x7f");
  CHECK(Recipe::parse(recipe.toml(), "here").text("data.positive") ==
        "bl\xc3\xb6"
        "d\x7f");
  CHECK_THROWS_AS((recipe.set("data.positive=bl\xf6"
                              "d"),
                   recipe.toml()),
                  SettingError);
}
