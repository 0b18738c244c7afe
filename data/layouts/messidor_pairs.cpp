#include <ganymede/data/layouts/messidor_pairs.h>

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include <ganymede/data/layouts/grades.h>
#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 9 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

/// Images of one series by number, and what leaving one of them alone costs in units of distance.
struct Series {
  std::map<int, std::string> stems;
  double alone = 0;
};

/// Puts the image into its series; names of another kind belong to none.
void add_to_series(std::map<std::string, Series>& series, const std::string& stem) {
  const std::string name = lower_case(stem);
  if (name.starts_with("im") && is_number(name.substr(2))) {
    Series& one = series["im"];
    one.alone = 4.5;  // two of them lie 9 apart
    one.stems[std::stoi(name.substr(2))] = stem;
    return;
  }
  const std::size_t first = name.find('_'), second = name.find('_', first + 1);
  if (first == std::string::npos || second == std::string::npos) return;
  const std::string day = name.substr(0, first),
                    second_of_day = name.substr(first + 1, second - first - 1);
  if (day.size() != 8 || !is_number(day) || !is_number(second_of_day)) return;
  Series& one = series[day + name.substr(second)];
  one.alone = 86400;
  one.stems[std::stoi(second_of_day)] = stem;
}

/// Consecutive numbers stay a pair, whatever that leaves alone.
double cost_of_pair(int distance) { return distance == 1 ? -10 : distance; }

/// Neighbours become pairs so that the distances within pairs and the cost of those left alone sum
/// to the least (dynamic programming from the left).
void pair_neighbours(const Series& series, std::vector<EyePair>& pairs) {
  std::vector<std::pair<int, std::string>> eyes(series.stems.begin(), series.stems.end());
  std::vector<double> cost(eyes.size() + 1, 0);
  std::vector<bool> paired(eyes.size() + 1, false);
  for (std::size_t i = 1; i <= eyes.size(); ++i) {
    cost[i] = cost[i - 1] + series.alone;
    if (i < 2) continue;
    const double together = cost[i - 2] + cost_of_pair(eyes[i - 1].first - eyes[i - 2].first);
    paired[i] = together < cost[i];
    cost[i] = std::min(cost[i], together);
  }
  for (std::size_t i = eyes.size(); i > 0; i -= paired[i] ? 2 : 1)
    if (paired[i]) pairs.emplace_back(eyes[i - 2].second, eyes[i - 1].second);
}

}  // namespace

std::vector<EyePair> pairs_in(const Table& table) {
  const int left = table.column({"left"}), right = table.column({"right"});
  std::map<std::string, std::size_t> row_of;
  std::vector<EyePair> pairs;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    pairs.emplace_back(stem_of(table.rows[row][left]), stem_of(table.rows[row][right]));
    for (const std::string& stem : {pairs.back().first, pairs.back().second}) {
      if (stem.empty()) continue;
      const auto [before, added] = row_of.emplace(lower_case(stem), row);
      if (!added)
        throw DataError(fmt::format("{}: '{}' is in row {} too; delete the wrong row",
                                    table.place(row), stem, table.lines[before->second]));
    }
  }
  return pairs;
}

std::vector<EyePair> pairs_by_name(const std::vector<std::string>& stems) {
  std::map<std::string, Series> series;
  for (const std::string& stem : stems) add_to_series(series, stem);
  std::vector<EyePair> pairs;
  for (const auto& [name, one] : series) pair_neighbours(one, pairs);
  return pairs;
}

}  // namespace ganymede
