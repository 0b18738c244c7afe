#include <ganymede/tools/interrupt.h>

#include <csignal>

#include <unistd.h>

namespace ganymede {
namespace {

constexpr int stopped = 130;  // 128 + SIGINT, as shells say it

volatile std::sig_atomic_t requested = 0, stoppable = 0;

template <std::size_t N>
void say(const char (&message)[N]) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message, N - 1);
}

/// Only calls that are safe in a signal handler.
void request(int signal) {
  if (!stoppable) {  // files are replaced whole, so nothing is left half done
    say("\nganymede: stopped; the files written so far are whole\n");
    _exit(stopped);
  }
  requested = 1;
  std::signal(signal, SIG_DFL);
  say("\nganymede: stopping, the state is being saved (once more: stop at once)\n");
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action {};
  action.sa_handler = request;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

Stoppable::Stoppable() { stoppable = stoppable + 1; }
Stoppable::~Stoppable() { stoppable = stoppable - 1; }

bool interrupt_requested() { return requested != 0; }

void clear_interrupt() { requested = 0; }

}  // namespace ganymede
