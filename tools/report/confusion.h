#pragma once

#include <ganymede/tools/report/run_json.h>

#include <string>
#include <vector>

namespace ganymede::report {

/// The confusion matrix of one arm and network as a plot of the page.
struct ConfusionPicture {
  std::string arm, network, svg;

  /// Its place in the run folder: "pictures/confusion-ARM-NETWORK.svg", whatever the names hold.
  std::string file() const;
};

/// Of every arm and network that has one, network by network.
std::vector<ConfusionPicture> confusion_pictures(const Json& run);

/// Any square matrix of counts, rows true; empty for anything else. Where `classes` has no name for
/// a class its number stands.
std::string confusion_plot(const std::string& title, const Json& matrix, const Json& classes);

}  // namespace ganymede::report
