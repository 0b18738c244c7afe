#pragma once

#include <string>

#include <ganymede/data/dataset.h>

namespace ganymede {

/// How DICOM images become grey where generated images are held against them.
struct FakesWindow {
  std::string window;  ///< as data.window has it
  std::string run;     ///< the run folder that notes it; empty: it was asked for, or is the default
};

/// The window asked for; where none is, that of the run whose folder the fakes lie in, for they
/// show what its GAN learnt; else the default. Throws SettingError for no window, and what
/// Recipe::load throws for a damaged run.toml.
FakesWindow fakes_window(const std::string& asked, const std::string& fakes);

/// Gives a set that window where it has DICOM images. Others need none, whatever a run.toml says.
void take_fakes_window(Dataset& dataset, const std::string& asked, const std::string& fakes);

}  // namespace ganymede
