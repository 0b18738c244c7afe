// The study of several classes as a user runs it: which GANs are trained, how their images get
// their labels, which are kept, and what is compared.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/data/table.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

/// 5 x 24 small procedural photographs, 17 or so of each class to train on; everything is tiny.
const std::string study =
    "study --recipe retina-wgan64 --quick --data 'phantom:fundus?n=24&size=48' --set "
    "data.counts=none "
    "--set data.size=16 --set gan.width=2 --set gan.epochs=1 --set select.keep=none "
    "--set select.steps=2 --set study.seeds=1 --set classifier.networks=resnet18 "
    "--set classifier.width=0.06 --set classifier.steps=2 --set classifier.evaluate_every=1 ";

Json run_of(const std::string& words, const std::string& out) {
  ganymede_done(study + words + " --out " + out);
  return run_json(out);
}

std::vector<std::string> column(const Table& table, const std::string& name) {
  const auto at = std::ranges::find(table.header, name) - table.header.begin();
  REQUIRE(at < std::ptrdiff_t(table.header.size()));
  std::vector<std::string> values;
  for (const auto& row : table.rows) values.push_back(row[std::size_t(at)]);
  return values;
}

}  // namespace

TEST_CASE("small classes share a conditional GAN; every fake has its fate and reason") {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  const Json run = run_of("--set gan.fewest=18 --set data.fractions=[0.7,0.15,0.15]", out);
  const Json& gans = run.at("gan");
  REQUIRE(gans.size() == 5);
  int own = 0;
  for (const auto& [name, gan] : gans.items()) {
    CHECK(gan.at("objective") == "wasserstein");
    CHECK(gan.at("wasserstein").size() == gan.at("wasserstein_smoothed").size());
    own += !gan.at("conditional").get<bool>();
    if (gan.at("conditional").get<bool>()) {
      CHECK(gan.at("trained_on").size() == 5);
      CHECK(fs::exists(out + "/gan/conditional/seed0/generator.h5"));
    } else {
      CHECK(gan.at("makes") == Json::array({name}));
      CHECK(fs::exists(out + "/gan/" + name + "/seed0/generator.h5"));
    }
  }
  CAPTURE(own);
  const Table manifest = read_table(out + "/synthetic/manifest.csv");
  const auto status = column(manifest, "status"), reason = column(manifest, "reason"),
             score = column(manifest, "critic_score"), seen = column(manifest, "classifier_sees");
  int kept = 0;
  for (std::size_t i = 0; i < status.size(); ++i) {
    CHECK((status[i] == "kept") == reason[i].empty());
    CHECK(!score[i].empty());
    CHECK(!seen[i].empty());
    kept += status[i] == "kept";
  }
  int counted = 0;
  for (const auto& [name, s] : run.at("synthetic").items()) {
    const Json& funnel = s.at("selection");
    CHECK(funnel.at("candidates").get<int>() ==
          funnel.at("audited_out").get<int>() + funnel.at("far").get<int>() +
              funnel.at("disagreed").get<int>() + funnel.at("duplicates").get<int>() +
              funnel.at("low_score").get<int>() + funnel.at("kept").get<int>());
    counted += s.at("kept").get<int>();
  }
  CHECK(counted == kept);
  CHECK(run.at("selector").at("confusion").size() == 5);
  CHECK(run.at("recognition").at("resnet18").at("classes").size() == 5);
  CHECK(run.at("arms").contains("classic+unselected"));
  CHECK(!run.at("arms").contains("oversample"));
  CHECK(run.at("arms").at("classic").at("resnet18").contains("kappa"));
  CHECK(fs::exists(out + "/report.html"));
}

TEST_CASE("one GAN without classes, whose images a classifier labels") {
  const TemporaryFolder folder;
  const std::string out = folder / "run";
  const Json run = run_of("--set gan.labels=classifier --set select.by=none", out);
  CHECK(run.at("gan").at("0").at("trained_on").size() == 5);
  CHECK(run.at("gan").at("0").at("conditional") == false);
  const Table manifest = read_table(out + "/synthetic/manifest.csv");
  const auto label = column(manifest, "label"), seen = column(manifest, "classifier_sees");
  for (std::size_t i = 0; i < label.size(); ++i) CHECK(seen[i].starts_with(label[i] + " "));
  CHECK(!run.at("arms").contains("classic+unselected"));
  CHECK(!run.contains("recognition"));  // they show what the classifier said they show
}

TEST_CASE("a balance plan is shown before it runs and brings its control") {
  const Ran plan =
      ganymede_run(study + "--set balance.plan=fixed --set balance.fakes=[0,1,2,3,4] --plan");
  INFO(plan.err);
  CHECK(plan.code == 0);
  CHECK_THAT(plan.out, Contains("oversample") && Contains("classic+oversample") &&
                           Contains("+ 4") && Contains("balance"));
  const Ran fill = ganymede_run(study + "--set balance.plan=fill --set gan.fewest=0 --plan");
  CHECK_THAT(fill.out, Contains("oversample"));
  const Ran keep = ganymede_run(study + "--set select.keep=10 --plan");
  CHECK_THAT(keep.out, Contains("+ 2") && !Contains("oversample"));
}

TEST_CASE("balance and selection that contradict each other or do not fit") {
  const auto refused = [](const std::string& words, const std::string& named) {
    const TemporaryFolder folder;
    const Ran ran = ganymede_run(study + words + " --out " + (folder / "run"));
    INFO(words);
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, Contains(named));
    CHECK(!fs::exists(folder / "run"));
  };
  refused("--set balance.plan=fill --set select.keep=10", "both say how many");
  refused("--set select.keep=[1,2,3]", "3 numbers for 5 classes");
  refused("--set balance.plan=fixed --set balance.fakes=[1,2]", "2 numbers for 5 classes");
  refused("--set select.per_real=0", "select.per_real");
  refused("--set select.by=[eye]", "select.by");
  refused("--set gan.lambda_gp=10", "gan.norm");
  refused("--set data.size=20", "wgan: data.size = 20");
}

TEST_CASE("a conditional generator is asked for a class by its name") {
  const TemporaryFolder folder;
  const std::string out = folder / "run", fakes = folder / "fakes";
  const std::string train =
      "train --recipe retina-wgan64 --quick --data 'phantom:fundus?n=12&size=48' --set "
      "data.counts=none --set data.size=16 --set gan.width=2 --set gan.epochs=1 --set "
      "gan.labels=conditional --out ";
  ganymede_done(train + out);
  CHECK(fs::exists(out + "/report.html"));
  const std::string sample = "sample " + out + "/gan/conditional/generator.h5 --count 3 --out ";
  CHECK_THAT(ganymede_run(sample + fakes).err, Contains("--class") && Contains("0, 1, 2, 3, 4"));
  CHECK(ganymede_run(sample + fakes + " --class 7").code == 2);
  CHECK(ganymede_run(sample + fakes + " --class 3").code == 0);
  CHECK(fs::exists(fakes + "/00002.png"));
  // The grid lies beside the folder: an earlier one stays.
  const std::string grid = read_text(fakes + "-grid.png");
  fs::remove_all(fakes);
  const Ran again_there = ganymede_run(sample + fakes + " --class 2");
  CHECK(again_there.code == 2);
  CHECK_THAT(again_there.err, Contains("fakes-grid.png is there already; take another --out"));
  CHECK(read_text(fakes + "-grid.png") == grid);
  CHECK(!fs::exists(fakes));
  // Walks: through z of one class, and from class to class.
  const std::string walk = folder / "walk", again = folder / "again";
  CHECK_THAT(ganymede_run(sample + walk + " --walk 3").err, Contains("--class"));
  CHECK(ganymede_run(sample + walk + " --class 3 --walk 1").code == 2);
  CHECK_THAT(ganymede_run(sample + walk + " --frames 3 --class 3").err, Contains("--walk"));
  CHECK(!fs::exists(walk));
  const std::string words = " --class 3 --walk 3 --walk-classes --frames 4";
  CHECK_THAT(ganymede_done(sample + walk + words).out, Contains("classes-strip.png"));
  const Image strip = read_image(walk + "/walk-strip.png");  // 4 images a row, 3 rows
  CHECK(strip.width() * (3 * 16 + 2 * 2) == strip.height() * (4 * 16 + 3 * 2));
  const Image classes = read_image(walk + "/classes-strip.png");
  CHECK(classes.width() * (5 * 16 + 4 * 2) == classes.height() * (4 * 16 + 3 * 2));
  ganymede_done(sample + again + words);
  for (const char* file : {"/walk.png", "/classes.png"})
    CHECK(read_text(walk + file) == read_text(again + file));
  CHECK(ganymede_run(sample + folder / "alone" + " --walk-classes").code == 0);
  CHECK(!fs::exists(folder / "alone" + "/walk.png"));
}
