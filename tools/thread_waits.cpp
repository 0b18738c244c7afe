#include <ganymede/tools/thread_waits.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <unistd.h>

namespace ganymede {

void shorten_thread_waits(char** words) {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT")) return;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return;
  setenv("GOMP_SPINCOUNT", "1000", 1);
  setenv("KMP_BLOCKTIME", "0", 0);  // the same for LLVM's OpenMP
  execv(program.c_str(), words);    // comes back only where it failed: then on as we are
}

}  // namespace ganymede
