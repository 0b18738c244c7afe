// The section about classes seen in fakes.

#include <ganymede/tools/report/run_json.h>

#include "run_page.h"

#include <nlohmann/json.hpp>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Contains;

namespace {

report::Json share(double value, int n) {
  return {{"share", value}, {"low", value - 0.05}, {"high", value + 0.05}, {"n", n}};
}

std::string page_with(const report::Json& recognition) {
  report::Json run{{"recognition", recognition}};
  run["arms"]["fakes-only"]["resnet18"]["accuracy"]["mean"] = 0.612;
  return report::report_page(run.dump(), ".");
}

}  // namespace

TEST_CASE("recognition: a row for each class and one for all, fakes beside reals") {
  report::Json recognition;
  auto& network = recognition["resnet18"];
  network["arm"] = "none";
  network["classes"]["<healthy>"] = {{"fakes", nullptr}, {"reals", share(0.7, 20)}};
  network["classes"]["bleeding"] = {{"fakes", share(0.453, 1200)}, {"reals", share(0.68, 22)}};
  network["accuracy"] = {{"fakes", share(0.453, 1200)}, {"reals", share(0.69, 42)}};
  network["inception_score"] = {{"fakes", {{"mean", 1.234}}}, {"reals", {{"mean", 1.5}}}};
  const std::string text = section(page_with(recognition), "recognition");
  CHECK_THAT(text, Contains("and 2 (every class") && Contains("<b>1.23</b> for the fakes, 1.50"));
  CHECK_THAT(text, Contains("<th>bleeding</th><td>0.453 (0.403 to 0.503) of 1,200</td>"
                            "<td>0.680 (0.630 to 0.730) of 22</td>"));
  CHECK_THAT(text, Contains("<th>&lt;healthy&gt;</th><td>none</td>"));
  CHECK_THAT(text, Contains("arm <code>none</code>") && Contains("<b>0.612</b>"));
  CHECK(occurrences(text, "<tr><th>") == 4);  // the head, two classes, all
}

TEST_CASE("recognition: no record, no section") {
  CHECK(page_with(nullptr).find("id=\"recognition\"") == std::string::npos);
}
