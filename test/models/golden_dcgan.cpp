// Ten iterations of paper 000's DCGAN against PyTorch in double (test/golden/dcgan_steps.py).

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <ganymede/engine/module.h>
#include <ganymede/models/gan.h>

#include "test/places.h"

using namespace ganymede;

namespace {

struct Row {
  std::string what;
  std::int64_t index;
  double value;
};

std::vector<Row> golden() {
  std::ifstream file(ganymede::test::source_folder() / "test/golden/dcgan_steps.csv");
  REQUIRE(file);
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string what, index, value;
    std::getline(cells, what, ',');
    std::getline(cells, index, ',');
    std::getline(cells, value, ',');
    rows.push_back({what, std::stoll(index), std::stod(value)});
  }
  return rows;
}

GanOptions small_paper_gan() {
  GanOptions options;
  options.network.size = 16;
  options.network.width = 4;
  options.network.latent = 10;
  options.batch = 4;
  return options;
}

/// A bias before a batch norm has no gradient but rounding, which Adam blows up to steps of its own
/// size; it changes nothing else than the moving mean that takes it up.
bool is_rounding(const std::string& what) {
  const bool last =
      what.starts_with("generator/conv2d_3/") || what.starts_with("discriminator/dense/");
  return !last &&
         (what.find("/bias") != std::string::npos || what.find("moving_mean") != std::string::npos);
}

}  // namespace

TEST_CASE("ten DCGAN iterations equal PyTorch's in double") {
  Gan gan(small_paper_gan(), 7, "golden");
  Rng images(7, "images");
  std::map<std::string, std::vector<float>> losses, state;
  for (int step = 0; step < 10; ++step) {
    gan.step(images.uniform({4, 16, 16, 1}, -1.0f, 1.0f));
    const GanLosses now = gan.losses();
    losses["loss_real"].push_back(now.discriminator_real);
    losses["loss_fake"].push_back(now.discriminator_fake);
    losses["loss_generator"].push_back(now.generator);
  }
  for (auto [name, network] : {std::pair<std::string, Sequential*>{"generator", &gan.generator()},
                               {"discriminator", &gan.discriminator()}})
    for (const NamedState& s : state_of(*network))
      if (s.role != NamedState::Role::progress)
        state[name + "/" + s.layer + "/" + s.name] = s.tensor.host();

  std::size_t compared = 0;
  for (const auto& [what, index, value] : golden()) {
    INFO(what << " [" << index << "]");
    if (losses.contains(what)) {
      CHECK(losses[what][std::size_t(index)] == Approx(value).epsilon(2e-4));
      ++compared;
      continue;
    }
    const bool norm = what.ends_with("/norm");
    const std::string key = norm ? what.substr(0, what.size() - 5) : what;
    REQUIRE(state.contains(key));
    const std::vector<float>& tensor = state[key];
    // Ten Adam steps of 2e-4: what is rounding may differ by as much as the steps themselves.
    const double margin = is_rounding(what) ? 4e-3 : 2e-5;
    double got = 0;
    if (norm) {
      REQUIRE(std::int64_t(tensor.size()) == index);
      for (float v : tensor) got += double(v) * v;
      got = std::sqrt(got);
      CHECK(got == Approx(value).margin(margin * std::sqrt(double(tensor.size()))));
    } else {
      CHECK(tensor[std::size_t(index)] == Approx(value).margin(margin));
    }
    ++compared;
  }
  CHECK(compared > 150);
}
