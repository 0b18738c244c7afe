#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ganymede::report {

/// A confusion matrix as a picture: counts and shares of the row, what is right in one colour and
/// what is wrong in another, the stronger the larger the share.
struct HeatMap {
  std::string title;                        ///< in the picture, so that it can travel alone
  std::vector<std::string> classes;         ///< in the order of rows and columns
  std::vector<std::vector<double>> counts;  ///< rows true, columns predicted
};

/// For the page, and for a screen reader every number in words.
std::string heat_map(const HeatMap& map);

/// A plot of the page as a file of its own: light colours written out, because few programs that
/// open a drawing know CSS variables.
std::string standalone_svg(std::string_view svg);

}  // namespace ganymede::report
