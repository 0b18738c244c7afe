// What `study --plan` says before anything is trained.

#include <catch2/catch.hpp>

#include <ganymede/tools/amounts.h>

#include "test/program/command.h"

using Catch::Contains;

namespace {

// Of networks so narrow that the steps which a plan times take no time.
const std::string plan =
    "study --plan --quick --recipe headct-dcgan32 --set gan.width=8 --set classifier.width=0.1 "
    "--data ";

}  // namespace

TEST_CASE("a test part that carries no verdict is said before anything is trained") {
  const std::string data = "'phantom:head-ct?n=20&size=40' ";
  const std::string few =
      "verdict     NO EVIDENCE, whatever the numbers: the test part has 2 patients with 'normal', "
      "2 with 'hemorrhage'; a verdict takes at least 10 of each class. Mend: ";
  CHECK_THAT(ganymede_done(plan + data).out, Contains(few) && Contains("--folds"));
  // Folds test each image once, so that all patients count, but they are drawn within each fold.
  CHECK_THAT(ganymede_done(plan + data + "--folds 2").out,
             !Contains("NO EVIDENCE") && Contains(" in the first fold"));
  CHECK_THAT(ganymede_done(plan + data + "--folds 10").out,
             Contains("a fold's test part has 2 patients with 'normal', 2 with 'hemorrhage'; a "
                      "verdict takes at least 3 of each class in each fold. Mend: more patients, "
                      "or fewer folds"));
  CHECK_THAT(ganymede_done(plan + data + "--arms none,gan").out,
             !Contains("NO EVIDENCE") &&
                 Contains("verdict     no verdict is asked for: study.primary compares "
                          "'classic+gan' with 'classic', and study.arms has no 'classic+gan'"));
  CHECK_THAT(ganymede_done(plan + data +
                           "--arms none,gan --set data.split=detection --set "
                           "detect.train_class=normal --set study.primary=[\"gan\",\"none\"]")
                 .out,
             Contains("2 patients with 'normal', 2 with 'other classes'"));
}

TEST_CASE("files that are left out are said on the terminal") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  ganymede_done("phantom 'head-ct?n=12&size=40' --layout labels.csv --out " + set);
  write_text(set + "/images/00003.png", "no picture");
  write_text(set + "/readings.txt", "nothing");
  const Ran ran = ganymede_done(plan + set + " --skip-broken");
  CHECK_THAT(ran.out, Contains("skipped     ") && Contains(" files, for one '") &&
                          Contains("(run.json and `ganymede data` list all)"));
  CHECK_THAT(ganymede_done(plan + "'phantom:head-ct?n=12&size=40'").out, !Contains("skipped"));
}

TEST_CASE("numbers of things and sizes as a person writes them") {
  using ganymede::counted, ganymede::size_text;
  CHECK(counted(1, "GAN") == "1 GAN");
  CHECK(counted(0, "GAN") == "0 GANs");
  CHECK(counted(12, "GAN") == "12 GANs");
  CHECK(size_text(2.94e9) == "2.9 GB");
  CHECK(size_text(1e8) == "0.1 GB");
  CHECK(size_text(4.2e7) == "42 MB");
  CHECK(size_text(10) == "1 MB");

  const std::string small =
      "'phantom:head-ct?n=20&size=40' --seeds 1 --set gan.epochs=1 --set gan.batch=64 --set "
      "classifier.steps=1 ";
  const std::string one = ganymede_done(plan + small + "--arms none").out;
  CHECK_THAT(one, Contains("work        1 classifier (1 step)\n") && Contains("; 1 seed\n"));
  CHECK_THAT(one, Contains(" MB of memory beside the images, ") && !Contains("0.0 GB"));
  const std::string gans =
      ganymede_done(plan + small + "--arms gan --set gan.labels=conditional").out;
  CHECK_THAT(gans, Contains("work        1 GAN (1 iteration), 1 classifier (1 step)\n"));
}
