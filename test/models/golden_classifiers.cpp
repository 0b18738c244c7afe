// Full-size classifiers against PyTorch in double (test/golden/classifiers.py).

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include <ganymede/models/recipe.h>
#include <ganymede/models/settings.h>

#include "test/places.h"

using namespace ganymede;

TEST_CASE("logits of full-size classifiers equal PyTorch's in double", "[long]") {
  const Var images = Rng(7, "images").uniform({4, 64, 64, 3}, -1.0f, 1.0f);
  std::ifstream file(test::source_folder() / "test/golden/classifiers.csv");
  std::string line, network, variant;
  std::getline(file, line);
  int compared = 0;
  for (; std::getline(file, line); ++compared) {
    std::istringstream cells(line);
    std::getline(cells, network, ',');
    std::getline(cells, variant, ',');
    INFO(network << " " << variant);
    Recipe recipe = Recipe::shipped("headct-dcgan32");
    recipe.set("classifier.variant=" + variant);
    recipe.set("classifier.dropout=0");
    const auto classifier = make_classifier(recipe, network, 3, 5, Rng(7, "golden"));
    const std::vector<float> logits = classifier->forward(images, Mode::inference).value().host();
    double largest = 0, error = 0;
    for (const float logit : logits) {
      double wanted = 0;
      REQUIRE(cells >> wanted);
      largest = std::max(largest, std::abs(wanted));
      error = std::max(error, std::abs(logit - wanted));
    }
    CHECK(largest > 1e-3);
    CHECK(error < 1e-4 * largest);
  }
  CHECK(compared == 4);
}
