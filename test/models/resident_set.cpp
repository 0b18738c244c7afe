// Images on the device, with labels or without.

#include <catch2/catch.hpp>

#include "gan_support.h"

using namespace ganymede;
using namespace ganymede::test;

TEST_CASE("a resident set counts its images, labelled or not") {
  CHECK(resident(slopes(5, 1, 3), 1).count() == 5);
  CHECK(resident(slopes(5, 1, 3), 1, 2).count() == 5);
  CHECK(ResidentSet{}.count() == 0);
}
