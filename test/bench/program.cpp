// Options of a bench that do not go together.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/wait.h>

#include "test/places.h"

#include <bench/program.h>
#include <ganymede/kernels/error.h>

using namespace ganymede;
using namespace ganymede::bench;
using Catch::Contains;

namespace {

/// What bench/kernels does with some words.
struct Ran {
  int code;
  std::string out;
};

Ran run_kernels(const std::string& words) {
  const std::string file = "bench_program_test.txt";
  const std::string program = (test::build_folder() / "bench/kernels").string();
  const int status = std::system(("'" + program + "' " + words + " >" + file + " 2>&1").c_str());
  std::ifstream text(file);
  Ran ran{WEXITSTATUS(status), {std::istreambuf_iterator<char>(text), {}}};
  std::remove(file.c_str());
  return ran;
}

void check_refused(const std::string& words, const std::string& text) {
  const Ran ran = run_kernels(words);
  INFO(words << '\n' << ran.out);
  CHECK(ran.code == 2);
  CHECK_THAT(ran.out, Contains(text));
}

}  // namespace

TEST_CASE("an option that a mode of bench/kernels would ignore is refused") {
  if (!std::filesystem::exists(test::build_folder() / "bench/kernels")) {
    WARN("skipped: bench/kernels is not built");
    return;
  }
  check_refused("--explain --device cpu",
                "--explain takes no --device; leave it out, --explain "
                "goes with --filter, --batch, --math, --kernel-table, "
                "--for, --markdown alone (--for names the device");
  check_refused("--list --json numbers.json", "--list takes no --json; leave it out");
  check_refused("--list-parts --seconds 1", "--list-parts takes no --seconds");
  check_refused("--list --explain", "--list takes no --explain");
  check_refused("--tune t.json --kernels own", "--tune takes no --kernels");
  check_refused("--tune t.json --json n.json", "--tune takes no --json");
  CHECK(!std::filesystem::exists("numbers.json"));
  const Ran explained = run_kernels("--explain --for cpu --filter headct-dcgan32/G");
  CHECK(explained.code == 0);
  CHECK_THAT(explained.out, Contains("cpu, fp32"));
  CHECK(run_kernels("--list --batch 2 --filter headct-dcgan32/D").code == 0);
}

TEST_CASE("what a mode takes passes, and so does everything without a mode") {
  CLI::App app;
  CommonOptions o;
  declare(app, o);
  bool brief = false;
  app.add_flag("--brief", brief);
  const auto refusal = [&](const std::string& words) -> std::string {
    app.parse(words);
    try {
      require_taken(app, {{"--brief", {"--device"}}});
    } catch (const SettingError& e) {
      return e.what();
    }
    return "";
  };
  CHECK(refusal("--device cpu --math fp32").empty());
  CHECK(refusal("--brief --device cpu").empty());
  CHECK(refusal("--brief --math fp32") ==
        "--brief takes no --math; leave it out, --brief goes with --device alone");
}
