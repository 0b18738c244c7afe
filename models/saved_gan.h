#pragma once

#include <memory>
#include <string>

#include <ganymede/models/gan_notes.h>

namespace ganymede {

/// Both networks of a trained GAN, to be searched in.
struct SavedGan {
  std::unique_ptr<Gan> gan;
  SavedNotes notes;
};

/// From a run folder's checkpoint.h5; the best or the averaged generator where there is
/// one. Throws FileError,
/// or FormatError for a file that does not hold both networks of a GAN trained here.
SavedGan load_gan(const std::string& path);

}  // namespace ganymede
