#pragma once
// The public table of Inception's units, and the numbers of test/models/inception_file.py.

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <ganymede/engine/module.h>

#include "checkpoint_run.h"
#include "test/places.h"

namespace ganymede::test {

/// A convolution: "Mixed_5b.branch1x1" and its extents.
struct UnitRow {
  std::string name;
  std::int64_t filters, channels, rows, columns;
};

inline std::vector<UnitRow> published_units() {
  std::ifstream file(source_folder() / "test/golden/inception_units.csv");
  std::vector<UnitRow> units;
  std::string line, name;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::ranges::replace(line, ',', ' ');
    std::istringstream cells(line);
    UnitRow unit;
    cells >> unit.name >> unit.filters >> unit.channels >> unit.rows >> unit.columns;
    units.push_back(unit);
  }
  REQUIRE(units.size() == 94);
  return units;
}

/// Element i of the n-th tensor of the file that inception_file.py writes.
inline float number_of_script(std::int64_t n, std::int64_t i) {
  return float(double((7 * i + 13 * n) % 1009) / 1009.0);
}

/// Where PyTorch has (k, c, r, s) of a filter that lies (k, r, s, c) in memory, element `i` there.
inline std::int64_t torch_element(const Shape& krsc, std::int64_t i) {
  const std::int64_t c = i % krsc[3], s = i / krsc[3] % krsc[2];
  const std::int64_t r = i / (krsc[3] * krsc[2]) % krsc[1], k = i / (krsc[3] * krsc[2] * krsc[1]);
  return ((k * krsc[3] + c) * krsc[1] + r) * krsc[2] + s;
}

/// Every tensor of an Inception-v3 of variant `fid` holds the script's numbers.
inline void check_numbers_of_script(Module& network) {
  std::map<std::string, std::int64_t> first;  // of a layer's tensors, in the file's order
  const auto units = published_units();
  for (std::size_t u = 0; u < units.size(); ++u) {
    std::string layer = units[u].name;
    std::ranges::replace(layer, '.', '/');
    first[layer + "/conv"] = std::int64_t(u) * 5;
    first[layer + "/bn"] = std::int64_t(u) * 5 + 1;
  }
  first["fc"] = 94 * 5;
  const std::map<std::string, std::int64_t> place{
      {"kernel", 0}, {"gamma", 0}, {"beta", 1}, {"moving_mean", 2}, {"moving_variance", 3}};
  for (const NamedState& s : state_of(network)) {
    const bool fc_bias = s.layer == "fc" && s.name == "bias";
    const std::int64_t n = first.at(s.layer) + (fc_bias ? 1 : place.at(s.name));
    const Shape& shape = s.tensor.shape();
    const std::vector<float> values = s.tensor.host();
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
      std::int64_t there = i;
      if (s.layout == Layout::conv) there = torch_element(shape, i);
      if (shape.rank() == 2) there = i % shape[1] * shape[0] + i / shape[1];
      wrong += values[std::size_t(i)] != number_of_script(n, there);
    }
    INFO(s.layer << "/" << s.name);
    CHECK(wrong == 0);
  }
}

}  // namespace ganymede::test
