#pragma once

#include <string>
#include <vector>

#include <ganymede/tools/report/blind_page.h>

namespace ganymede::blind {

struct DrawOptions {
  std::string real, fake;  ///< folders, or whatever open_dataset takes
  std::string pick;        ///< file that names the fakes to show; empty: drawn from all
  std::string of_class;    ///< of labelled sets this class alone; empty: all
  int count = 0;           ///< of each kind; 0: 12, or as many as are picked
  int size = 0;            ///< side; 0: that of the fakes
  int channels = 0;        ///< 1 or 3; 0: those of the fakes
  std::string window;      ///< of DICOM images; empty: as fakes_window finds it
  std::uint64_t seed = 0;
};

/// A reading, and what a person should know before others are asked.
struct Drawn {
  report::BlindReading reading;  ///< its name is still to be given
  int count = 0;                 ///< of each kind
  std::vector<std::string> notes;
};

/// Draws as many reals as fakes without replacement, brings all to 8 bits and the fakes' size (what
/// is not square is padded with black for a square size, and resized by area means, as training
/// does by default), and shuffles them. Depends on the sets, options and seed alone. Throws
/// DataError naming the folder that has too few images, or the line of `pick` that names none;
/// SettingError for options out of range.
Drawn draw(const DrawOptions& options);

}  // namespace ganymede::blind
