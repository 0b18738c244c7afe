// The blind-reading page: drawn by the program, read by people in a browser.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include <ganymede/data/png_jpeg.h>
#include <ganymede/kernels/host_rng.h>

#include "test/places.h"
#include "test/program/command.h"

using Catch::Contains;
using namespace ganymede;
namespace fs = std::filesystem;

namespace {

/// Bright reals in colour, of two sizes and with names that tell; dark grey fakes of 16 bits,
/// small.
class Sets : public TemporaryFolder {
 public:
  Sets() {
    HostRng noise(1, "blind test");
    const auto fill = [&](Image image, double level) {
      for (std::size_t i = 0; i < image.size(); ++i)
        image.set(i, image.max_value() * (level + noise.uniform(-.1, .1)));
      return image;
    };
    for (const char* of_class : {"ill", "well"}) fs::create_directories(real() + "/" + of_class);
    fs::create_directories(fake());
    for (int n = 0; n < 14; ++n) {
      const auto name = "/patient-Smith-" + std::to_string(n) + ".png";
      write_png(real() + (n < 7 ? "/ill" : "/well") + name, fill(Image(30 + n, 40, 3), .8));
      write_png(fake() + "/made-" + std::to_string(n) + ".png", fill(Image(24, 24, 1, 16), .2));
    }
  }
  std::string real() const { return *this / "real"; }
  std::string fake() const { return *this / "fake"; }
  std::string words(const std::string& out, const std::string& more = "") const {
    return "blind --real " + real() + " --fake " + fake() + " --out " + (*this / out) + " " + more;
  }
  Ran refused(const std::string& out, const std::string& more) const {
    return ganymede_run(words(out, more));
  }
};

/// The browser's program; empty where there is none.
std::string chromium() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    if (std::system(("command -v " + std::string(name) + " >/dev/null 2>&1").c_str()) == 0)
      return name;
  return "";
}

}  // namespace

TEST_CASE("blind draws as many reals as fakes, the same for the same seed, and names none") {
  const Sets sets;
  const Ran ran = ganymede_done(sets.words("new/a.html"));
  CHECK_THAT(ran.out, Contains("12 real and 12 random fake") && Contains("ill, well"));
  const std::string page = read_text(sets / "new/a.html");
  CHECK(page.find("Smith") == std::string::npos);
  CHECK(page.find("made-") == std::string::npos);
  CHECK(page.find(sets.path()) == std::string::npos);
  CHECK_THAT(page, Contains("width=\"24\" height=\"24\""));
  fs::create_directories(sets / "again");
  ganymede_done(sets.words("again/a.html"));
  CHECK(read_text(sets / "again/a.html") == page);
  ganymede_done(sets.words("b.html", "--seed 1 --count 7 --class ill --size 32 --channels 3"));
  const std::string other = read_text(sets / "b.html");
  CHECK_THAT(other, Contains("width=\"32\"") && Contains("14 pictures"));
}

TEST_CASE("blind shows hand-picked fakes and says so") {
  const Sets sets;
  write_text(sets / "pick.txt", "# the best\nmade-3.png\n\n made-7.png\r\n");
  CHECK_THAT(ganymede_done(sets.words("a.html", "--pick " + sets / "pick.txt")).out,
             Contains("2 real and 2 hand-picked"));
  CHECK_THAT(read_text(sets / "a.html"), Contains("The fakes were picked by hand"));
  const auto says = [&](const std::string& list, const std::string& text) {
    write_text(sets / "pick.txt", list);
    const Ran ran = sets.refused("x.html", "--pick " + sets / "pick.txt");
    INFO(ran.err);
    CHECK(ran.code == 3);
    CHECK_THAT(ran.err, Contains(text));
    CHECK_FALSE(fs::exists(sets / "x.html"));
  };
  says("made-1.png\nmade-33.png\n", "pick.txt line 2: no image 'made-33.png'; did you mean 'made-");
  says("made-1.png\nmade-1.png\n", "line 2: 'made-1.png' is named before");
  says("# none\n", "names no image");
}

TEST_CASE("blind refuses what would make no reading") {
  const Sets sets;
  const auto says = [&](const std::string& more, int code, const std::string& text) {
    const Ran ran = sets.refused("a.html", more);
    INFO(ran.err);
    CHECK(ran.code == code);
    CHECK_THAT(ran.err, Contains(text));
    CHECK_FALSE(fs::exists(sets / "a.html"));
  };
  says("--count 15", 3, "14 images to draw from, 15 are to be shown");
  says("--class ill --count 8", 3, "--count 7");
  says("--class none", 2, "ill, well");
  says("--count -1", 2, "--count lies outside");
  says("--size 5000", 2, "--size lies outside");
  says("--channels 2", 2, "--channels");
  says("--pick " + sets / "nothing", 3, "nothing");
  CHECK(ganymede_run("blind --real " + sets.fake() + " --fake " + sets.fake() + " --out " +
                     (sets / "a.html"))
            .code == 2);
  CHECK_THAT(sets.refused("a.txt", "").err, Contains("ends in .html"));
  // Readers may be at work with the page that is there.
  write_text(sets / "a.html", "there");
  CHECK(sets.refused("a.html", "").code == 2);
  CHECK(read_text(sets / "a.html") == "there");
}

TEST_CASE("blind pages are read in a browser") {
  const std::string browser = chromium();
  if (browser.empty() || std::system("command -v python3 >/dev/null 2>&1") != 0) {
    WARN("skipped: no Chromium or no python3 on this machine");
    return;
  }
  const Sets sets;
  write_text(sets / "pick.txt", "made-3.png\nmade-7.png\nmade-9.png\nmade-11.png\n");
  ganymede_done(sets.words("drawn.html"));
  ganymede_done(sets.words("picked.html", "--pick " + sets / "pick.txt"));
  const auto script = test::source_folder() / "test/program/blind_in_browser.py";
  for (const char* words : {"drawn 12", "picked 4"}) {
    const std::string how = std::string(words).substr(0, std::string(words).find(' '));
    const std::string count = std::string(words).substr(how.size() + 1);
    const std::string downloads = sets / how, log = sets / "log";
    fs::create_directories(downloads);
    const int status =
        std::system(("python3 '" + script.string() + "' " + browser + " " + (sets / how) +
                     ".html " + downloads + " " + count + " " + how + " >" + log + " 2>&1")
                        .c_str());
    INFO(read_text(log));
    CHECK(status == 0);
  }
}
