#include <catch2/catch.hpp>

#include <csignal>

#include <ganymede/tools/interrupt.h>
#include <ganymede/tools/progress.h>

#include "test/program/command.h"

using namespace ganymede;
using Catch::Contains;

TEST_CASE("a line of progress") {
  const ProgressState state{"gan hemorrhage", 1200, 11250, 340.4, 130, {{"D", .43}, {"G", 1.2}}};
  CHECK(progress_line(state) ==
        "gan hemorrhage  1200/11250 (10 %)  340 images/s  2 min 10 s left  D 0.43  G 1.2");
  CHECK(progress_line({"reading", 0, 0}) == "reading");
  CHECK(duration_text(59.7) == "1 min 0 s");
  CHECK(duration_text(11100) == "3 h 5 min");
}

TEST_CASE("piped progress is plain lines, live progress one line that is overwritten") {
  const TemporaryFolder folder;
  const auto written = [&](bool live, bool colour) {
    std::FILE* file = std::fopen((folder / "out").c_str(), "w");
    {
      Progress progress("work", 3, 16, 0, {file, live, colour, 0});
      for (int i = 1; i <= 3; ++i) progress.step(i);
      progress.finish();
    }
    std::fclose(file);
    return read_text(folder / "out");
  };
  const std::string plain = written(false, false), live = written(true, false);
  CHECK(std::count(plain.begin(), plain.end(), '\n') == 4);
  CHECK_THAT(plain, !Contains("\r") && !Contains("\x1b") && Contains("3/3 (100 %)"));
  CHECK(std::count(live.begin(), live.end(), '\n') == 1);
  CHECK_THAT(live, Contains("\rwork") && !Contains("\x1b"));
  CHECK_THAT(written(true, true), Contains("\x1b["));
}

TEST_CASE("the first interrupt only asks") {
  install_interrupt_handlers();
  CHECK(!interrupt_requested());
  const Stoppable stoppable;
  std::raise(SIGTERM);
  CHECK(interrupt_requested());
  clear_interrupt();
  std::signal(SIGINT, SIG_DFL);
}
