#pragma once

#include <string>

#include <ganymede/kernels/error.h>

namespace ganymede {

/// Long work was asked to stop and has saved its state. `what()` says how to go on.
struct Interrupted : Error {
  using Error::Error;
};

/// From here on SIGINT and SIGTERM end the program with exit code 130; while a `Stoppable` lives,
/// the first one only asks. For programs.
void install_interrupt_handlers();

/// Marks work that looks at `interrupt_requested()` often and saves its state before it stops.
class Stoppable {
 public:
  Stoppable();
  ~Stoppable();
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;
};

/// Whether somebody asked to stop. Long work looks often and saves before it throws Interrupted.
bool interrupt_requested();

/// Takes the wish back; for tests.
void clear_interrupt();

}  // namespace ganymede
