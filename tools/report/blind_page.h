#pragma once

#include <ganymede/data/image.h>

#include <string>
#include <string_view>
#include <vector>

namespace ganymede::report {

/// What people are asked to tell apart.
struct BlindReading {
  std::string name;             ///< of the page, and of the files that its answers are saved as
  std::vector<Image> pictures;  ///< in the order of the page, all of one size, channels and depth
  std::vector<bool> fake;       ///< of each picture
  bool picked = false;          ///< a person chose the fakes: declared in the result and the export
};

/// One HTML file that loads nothing: pictures to be marked as real or fake by several readers, each
/// one's share of right answers with its exact binomial interval (Clopper and Pearson 1934) beside
/// guessing, all readers together, and the answers as JSON and CSV.
/// Pictures are numbered by their place, without names or metadata, each in the same number of
/// bytes; what is fake stands in the page under a random mask: nobody stumbles over it, but someone
/// who runs the page's script by hand can undo it. The same reading gives the same page. Throws
/// ShapeError for pictures of different form, lists of different lengths, or fewer than two.
std::string blind_page(const BlindReading& reading);

/// Compiled in by tools/report/embed.cmake; the style begins with the report's.
std::string_view blind_template();
std::string_view blind_style();
std::string_view blind_script();

}  // namespace ganymede::report
