// Generated images beside real ones, as a user asks.

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/host_rng.h>

#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

/// `count` planes of random slopes, 32 x 32, in one flat folder.
void make_images(const TemporaryFolder& folder, const std::string& name, int count, int seed) {
  fs::create_directories(folder / name);
  HostRng random(std::uint64_t(seed), "score test");
  for (int n = 0; n < count; ++n) {
    Image image(32, 32, 1);
    const double a = random.uniform(-3, 3), b = random.uniform(-3, 3);
    for (int y = 0; y < 32; ++y)
      for (int x = 0; x < 32; ++x)
        image.set(y, x, 0, 128 + a * (x - 16) + b * (y - 16) + random.uniform(-9, 9));
    write_png(folder / name + "/" + std::to_string(n) + ".png", image);
  }
}

Json scored(const std::string& words) {
  const Ran ran = ganymede_done("score --json " + words);
  return Json::parse(ran.out);
}

}  // namespace

TEST_CASE("score says what images are worth, and on what features") {
  const TemporaryFolder folder;
  make_images(folder, "a", 60, 1);
  make_images(folder, "b", 60, 2);
  make_images(folder, "few", 3, 3);
  const std::string a = folder / "a", b = folder / "b", few = folder / "few";
  const std::string out = folder / "out";
  const Json run = scored("--real " + a + " --fake " + b + " --features pixels:8");
  const Json& f = run.at("scores").at("features").at(0);
  CHECK(f.at("dims") == 64);
  CHECK(f.at("real") == 60);
  CHECK(f.at("distance_name") == "Frechet distance");  // never "FID" of pixels
  CHECK(f.at("frechet").at("value") > f.at("frechet").at("low"));
  if (f.at("frechet").contains("gpu")) {  // on a machine that has one
    CHECK(f.at("frechet").at("gpu").at("refusal").is_null());
    const Json host = scored("--real " + a + " --fake " + b + " --features pixels:8 --device cpu");
    CHECK(double(f.at("frechet").at("value")) ==
          Approx(double(host.at("scores").at("features").at(0).at("frechet").at("value")))
              .epsilon(1e-6));
  }
  CHECK(f.at("precision_recall").at("precision") > 0.3);
  // The same images twice: no distance, all covered, all copies.
  const Json same = scored("--real " + a + " --fake " + a + " --features pixels:8");
  const Json& zero = same.at("scores").at("features").at(0);
  CHECK(double(zero.at("frechet").at("value")) == Approx(0).margin(1e-6));
  CHECK(zero.at("kid").at("value") < 1e-3);
  CHECK(zero.at("density_coverage").at("coverage") == 1.0);
  CHECK(same.at("audit").at("fakes").at("verdict") == "COPIES");
  // Without --train nobody knows what was trained on: no word of training images.
  const Ran against_reals =
      ganymede_done("score --real " + a + " --fake " + a + " --out " + folder / "copies");
  CHECK_THAT(against_reals.out, Contains("memorisation, against the reals in " + a) &&
                                    Contains("are near-identical to one of the reals") &&
                                    !Contains("training"));
  CHECK_THAT(read_text(folder / "copies" + "/report.html"),
             Contains("nearest real image") && !Contains("training image"));
  CHECK_THAT(
      ganymede_done("score --real " + a + " --fake " + b).out,
      Contains("is near-identical to one of the reals. Copies of what the generator learnt"));
  // Too few for a distance: the reason instead.
  const Json little = scored("--real " + a + " --fake " + few);
  CHECK_THAT(little.at("scores").at("features").at(0).at("kid").at("reason").get<std::string>(),
             Contains("at least 50"));
  const Ran ran =
      ganymede_done("score --real " + a + " --fake " + b + " --train " + few + " --out " + out);
  CHECK_THAT(ran.out, Contains("KID") && Contains("raw pixels") && Contains("resize none") &&
                          Contains("memorisation") && Contains("\n  NO SIGN of copies: "));
  CHECK_THAT(read_text(out + "/report.html"),
             Contains("id=\"scores\"") && Contains("id=\"audit\""));
  CHECK(fs::exists(out + "/pictures/nearest.png"));
}

TEST_CASE("score refuses what cannot be compared") {
  const TemporaryFolder folder;
  make_images(folder, "a", 4, 1);
  const std::string a = folder / "a", other = folder / "other", empty = folder / "empty";
  fs::create_directories(other);
  fs::create_directories(empty);
  write_png(other + "/1.png", Image(30, 20, 1));
  const auto refused = [](const std::string& words, int code, const std::string& named) {
    const Ran ran = ganymede_run("score " + words);
    INFO(ran.err);
    CHECK(ran.code == code);
    CHECK_THAT(ran.err, Contains(named));
  };
  refused("--real " + a + " --fake " + other, 3, "--size N");
  refused("--real " + a + " --fake " + empty, 3, "no PNG, JPEG or DICOM");
  refused("--real " + a + " --fake " + a + " --features nonsense", 2, "pixels");
  refused("--real " + a + " --fake " + a + " --features " + folder / "none.h5", 3, "none.h5");
  refused("--real " + a + " --fake " + a + " --channels 2", 2, "--channels");
  refused("--real " + a + " --fake " + a + " --out " + a, 2, "not empty");
  fs::create_directories(folder / "one");
  write_png(folder / "one" + "/1.png", Image(32, 32, 1));
  refused("--real " + a + " --fake " + folder / "one", 3, folder / "one" + ": 1 image;");
  refused("--real " + a + " --fake " + a + " --out " + a + "/0.png", 2, "is a file");
  refused("--real " + a + " --fake " + a + " --features " + a, 2, "pixels, pixels:SIDE");
  refused("--real " + a + " --fake " + a + " --classifier " + a, 3, "is a folder");
  write_png(other + "/2.png", Image(20, 20, 1));
  refused("--real " + other + " --fake " + a, 3, "'1.png' is 20x30");
}
