// Every test executable's main: Catch2, and one last line "N passed, N failed" in test cases.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>

namespace {

Catch::Counts totals;
bool ran = false;

struct TotalsListener : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats& stats) override {
    totals = stats.totals.testCases;
    ran = true;
  }
};
CATCH_REGISTER_LISTENER(TotalsListener)

}  // namespace

int main(int argc, char** argv) {
  const int result = Catch::Session().run(argc, argv);
  if (ran)
    std::printf("%llu passed, %llu failed\n",
                static_cast<unsigned long long>(totals.passed + totals.failedButOk),
                static_cast<unsigned long long>(totals.failed));
  return result;
}
