#pragma once

#include <string>

#include <ganymede/kernels/error.h>

namespace ganymede {

/// Long work was asked to stop and has saved its state. `what()` says how to go on.
struct Interrupted : Error {
  using Error::Error;
};

/// From here on the first SIGINT or SIGTERM only asks to stop, the second kills. For programs.
void install_interrupt_handlers();

/// Whether somebody asked to stop. Long work looks often and saves before it throws Interrupted.
bool interrupt_requested();

/// Takes the wish back; for tests.
void clear_interrupt();

}  // namespace ganymede
