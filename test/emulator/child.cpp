#include <test/emulator/child.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace ganymede::test {
namespace {

[[noreturn]] void run(const std::function<void()>& body, int out) {
  dup2(out, STDERR_FILENO);
  int status = 0;
  try {
    body();
  } catch (...) {
    status = 2;
  }
  _exit(status);
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t n; (n = read(from, part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

Ending in_child(const std::function<void()>& body) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("child: no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("child: fork failed");
  if (child == 0) {
    close(ends[0]);
    run(body, ends[1]);
  }
  close(ends[1]);
  Ending ending;
  ending.output = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ending.clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return ending;
}

}  // namespace ganymede::test
