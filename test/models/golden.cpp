#include "golden.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include <ganymede/engine/module.h>

#include "test/places.h"

namespace ganymede::test {
namespace {

GoldenRow row_of(const std::string& line) {
  std::istringstream cells(line);
  std::string what, index, value;
  std::getline(cells, what, ',');
  std::getline(cells, index, ',');
  std::getline(cells, value, ',');
  return {what, std::stoll(index), std::stod(value)};
}

double norm_of(const std::vector<float>& values) {
  double sum = 0;
  for (float v : values) sum += double(v) * v;
  return std::sqrt(sum);
}

}  // namespace

std::vector<GoldenRow> golden_rows(const std::string& file, const std::string& prefix) {
  std::ifstream in(source_folder() / "test/golden" / file);
  REQUIRE(in);
  std::vector<GoldenRow> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line))
    if (line.starts_with(prefix)) rows.push_back(row_of(line.substr(prefix.size())));
  return rows;
}

void add_state(Gan& gan, NamedValues& values) {
  for (auto [name, network] : {std::pair<std::string, Sequential*>{"generator", &gan.generator()},
                               {"discriminator", &gan.discriminator()}})
    for (const NamedState& s : state_of(*network))
      if (s.role != NamedState::Role::progress)
        values[name + "/" + s.layer + "/" + s.name] = s.tensor.host();
}

void add_losses(Gan& gan, NamedValues& values) {
  const GanLosses now = gan.losses();
  values["loss_real"].push_back(now.discriminator_real);
  values["loss_fake"].push_back(now.discriminator_fake);
  values["loss_generator"].push_back(now.generator);
}

NamedValues ten_steps(Gan& gan, const Shape& batch) {
  Rng images(7, "images");
  NamedValues values;
  for (int step = 0; step < 10; ++step) {
    gan.step(images.uniform(batch, -1.0f, 1.0f));
    add_losses(gan, values);
  }
  add_state(gan, values);
  return values;
}

GoldenBounds dcgan_bounds(std::function<bool(const std::string&)> before_norm) {
  return [before_norm](const std::string& what) -> GoldenBound {
    if (what.starts_with("loss_")) return {.margin = 0, .relative = 2e-4};
    const bool rounding = before_norm(what) && (what.find("/bias") != std::string::npos ||
                                                what.find("moving_mean") != std::string::npos);
    return {.margin = rounding ? 4e-3 : 2e-5, .relative = 1e-5};
  };
}

void check_golden(const std::vector<GoldenRow>& rows, const NamedValues& values,
                  const GoldenBounds& bounds) {
  for (const auto& [what, index, value] : rows) {
    INFO(what << " [" << index << "]");
    const bool norm = what.ends_with("/norm");
    const auto found = values.find(norm ? what.substr(0, what.size() - 5) : what);
    REQUIRE(found != values.end());
    const std::vector<float>& got = found->second;
    const auto [margin, relative] = bounds(what);
    if (norm) {
      REQUIRE(std::int64_t(got.size()) == index);
      const double together = margin * std::sqrt(double(got.size()));
      CHECK(norm_of(got) == Approx(value).margin(together).epsilon(relative));
    } else {
      REQUIRE(std::size_t(index) < got.size());
      CHECK(got[std::size_t(index)] == Approx(value).margin(margin).epsilon(relative));
    }
  }
}

}  // namespace ganymede::test
