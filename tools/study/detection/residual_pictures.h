#pragma once
// Pictures of what a search found beside what it was asked.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <ganymede/data/image.h>
#include <ganymede/tools/run_folder.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// Image, what was found for it, and the residual in red over the image: 8 bits, RGB, side by side,
/// at least 480 pixels wide.
Image residual_strip(const Image& image, const Image& found);

/// pictures/lowest.png and highest.png: the images of smallest and largest score as such strips;
/// their paths and captions for run.json.
nlohmann::ordered_json write_extremes(const RunFolder& folder, const std::vector<Image>& images,
                                      const std::vector<Image>& found,
                                      const std::vector<double>& scores);

/// pictures/pairs-NAME.png: images that were searched for, under each what was found (the paper's
/// figures 4 and 5); null where there is none.
nlohmann::ordered_json write_pairs(const RunFolder& folder, const std::string& name,
                                   const std::vector<Image>& inputs,
                                   const std::vector<Image>& found);

}  // namespace ganymede::study
