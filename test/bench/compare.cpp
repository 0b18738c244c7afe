// A run beside an earlier one: which rows are slower, and which have no fellow.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include <ganymede/kernels/error.h>

#include <bench/compare.h>
#include <bench/report.h>

using namespace ganymede;
using namespace ganymede::bench;
using Catch::Contains;
using nlohmann::json;

namespace {

json row(const std::string& layer, double median, double fastest) {
  return {{"device", "cuda:0"}, {"math", "tf32"},    {"op", "conv2d"},
          {"layer", layer},     {"seconds", median}, {"fastest", {{"seconds", fastest}}}};
}

json run(const std::vector<json>& rows) { return {{"results", rows}}; }

/// A file in the working directory for a test's life.
struct File {
  std::string path;
  File(const std::string& name, const std::string& text) : path(name) {
    std::ofstream(path) << text;
  }
  ~File() { std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("compare: a row is slower when even its fastest sample is") {
  const json before = run({row("a", 1.0, 0.9), row("b", 1.0, 0.9), row("c", 1.0, 0.9)});
  // b's median is high, but one of its samples was as fast as ever: something else ran.
  const json now = run({row("a", 1.3, 1.16), row("b", 1.3, 1.14), row("c", 0.5, 0.4)});
  const Comparison found = compare(before, now, 1.15);
  REQUIRE(found.rows.size() == 3);
  CHECK(found.rows[0].name == "cuda:0 tf32 conv2d a");
  CHECK(found.rows[0].slower);
  CHECK(found.rows[0].ratio() == Approx(1.3));
  CHECK(!found.rows[1].slower);
  CHECK(!found.rows[2].slower);
  CHECK(!compare(before, now, 1.2).rows[0].slower);
  CHECK(found.only_before.empty());
  CHECK(found.only_now.empty());
}

TEST_CASE("compare: rows are told apart by all that was timed, and by each time") {
  json gan = {{"work", "gan"},
              {"recipe", "r"},
              {"device", "cpu"},
              {"batch", 16},
              {"seconds", 2.0},
              {"cycle_seconds", 6.0},
              {"fastest", {{"seconds", 1.9}, {"cycle_seconds", 5.9}}}};
  json wider = gan;
  wider["batch"] = 32;
  json other_mode = row("a", 1, 1);
  other_mode["math"] = "bf16";
  const Comparison found = compare(run({gan, row("a", 1, 1)}), run({gan, wider, other_mode}), 1.15);
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].name == "cpu gan r batch 16");
  CHECK(found.rows[1].name == "cpu gan r batch 16, cycle_seconds");
  CHECK(found.only_before == std::vector<std::string>{"cuda:0 tf32 conv2d a"});
  CHECK(found.only_now == std::vector<std::string>{"cpu gan r batch 32",
                                                   "cpu gan r batch 32, cycle_seconds",
                                                   "cuda:0 bf16 conv2d a"});
}

TEST_CASE("compare: rows of other kernels or another table are others, without a word own") {
  json own = row("a", 1, 1), vendor = own, table = own;
  own["kernels"] = "own";
  vendor["kernels"] = "vendor";
  table["kernel_table"] = "h200.json 5f2a";
  const Comparison found = compare(run({row("a", 1, 1)}), run({own, vendor, table}), 1.15);
  REQUIRE(found.rows.size() == 1);
  CHECK(found.rows[0].name == "cuda:0 tf32 conv2d a");
  CHECK(found.only_now == std::vector<std::string>{"cuda:0 tf32 conv2d a h200.json 5f2a",
                                                   "cuda:0 tf32 vendor conv2d a"});
  CHECK(compare(run({vendor}), run({vendor}), 1.15).rows.size() == 1);
}

TEST_CASE("compare: rows of a recipe that was set otherwise are others") {
  json otherwise = row("a", 1, 1);
  otherwise["set"] = "gan.clip=0";
  const Comparison found = compare(run({row("a", 1, 1)}), run({otherwise}), 1.15);
  CHECK(found.rows.empty());
  CHECK(found.only_now == std::vector<std::string>{"cuda:0 tf32 conv2d a gan.clip=0"});
}

TEST_CASE("compare: what the table of kernels' times writes can be matched") {
  Result result{.device = "cuda:0",
                .math = "tf32",
                .kernels = "vendor",
                .kernel_table = "",
                .op = "conv2d",
                .layer = "a",
                .shape = "1x1",
                .timing = {.seconds = 1.0, .fastest = 0.9},
                .vendor = {}};
  const json vendor = numbers_of(16, {}, {result});
  result.kernels = "own";
  const json own = numbers_of(16, {}, {result});
  result.kernel_table = "h200.json 5f2a";
  const json by_table = numbers_of(16, {}, {result});
  CHECK(compare(vendor, vendor, 1.15).rows.at(0).name == "cuda:0 tf32 vendor conv2d a 1x1");
  CHECK(compare(vendor, own, 1.15).rows.empty());
  CHECK(compare(own, by_table, 1.15).rows.empty());
}

TEST_CASE("compare: a regression and a run with nothing in common fail, others do not") {
  const File before("compare_before.json", run({row("a", 1.0, 0.9)}).dump());
  CommonOptions options;
  options.compare = before.path;
  const json earlier = earlier_numbers(options);
  CHECK_NOTHROW(finish_numbers(options, earlier, run({row("a", 1.1, 1.0)})));
  CHECK_THROWS_WITH(finish_numbers(options, earlier, run({row("a", 1.3, 1.2)})),
                    Contains("1 of 1 rows are slower than 1.15 times"));
  CHECK_THROWS_WITH(finish_numbers(options, earlier, run({row("b", 1.0, 1.0)})),
                    Contains("no row in common"));
  options.json = before.path;  // the earlier numbers were read before they are replaced
  CHECK_THROWS_WITH(finish_numbers(options, earlier, run({row("a", 1.3, 1.2)})),
                    Contains("slower"));
  CHECK_NOTHROW(finish_numbers(options, earlier_numbers(options), run({row("a", 1.3, 1.2)})));
  CHECK(earlier_numbers({}).is_null());
}

TEST_CASE("compare: a file that is no run's is refused by name") {
  const File torn("compare_torn.json", "{\"results\": [");
  const File other("compare_other.json", R"({"rows": 1})");
  for (const File* file : {&torn, &other}) {
    CommonOptions options;
    options.compare = file->path;
    CHECK_THROWS_AS(earlier_numbers(options), FormatError);
    CHECK_THROWS_WITH(earlier_numbers(options), Contains("--compare " + file->path));
  }
}

TEST_CASE("compare: exit codes tell a bad file from a bad option, a device and a regression") {
  const auto code_of = [](const auto& error) {
    CLI::App app;
    const char* arguments[] = {"bench"};
    return run_program(app, 1, const_cast<char**>(arguments), [&] { throw error; });
  };
  CHECK(code_of(Error("slower")) == 1);
  CHECK(code_of(SettingError("option")) == 2);
  CHECK(code_of(FormatError("torn")) == 3);
  CHECK(code_of(FileError("gone")) == 3);
  CHECK(code_of(DeviceError("none")) == 4);
}

TEST_CASE("compare: numbers of another form are refused") {
  CHECK_THROWS_WITH(compare(json{{"rows", 1}}, run({}), 1.15), Contains("earlier run"));
  CHECK_THROWS_AS(compare(run({}), run({json{{"seconds", 1.0}}}), 1.15), FormatError);
}
