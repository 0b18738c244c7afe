#include <ganymede/tools/interrupt.h>

#include <csignal>

#include <unistd.h>

namespace ganymede {
namespace {

volatile std::sig_atomic_t requested = 0;

/// Only calls that are safe in a signal handler.
void request(int signal) {
  requested = 1;
  std::signal(signal, SIG_DFL);
  static constexpr char message[] =
      "\nganymede: stopping, the state is being saved (once more: stop at once)\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message, sizeof message - 1);
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action {};
  action.sa_handler = request;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupt_requested() { return requested != 0; }

void clear_interrupt() { requested = 0; }

}  // namespace ganymede
