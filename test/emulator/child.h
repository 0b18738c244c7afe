#pragma once
// Runs what is expected to end in a sanitizer report in a process of its own.

#include <functional>
#include <string>

namespace ganymede::test {

struct Ending {
  bool clean = false;  ///< the body returned
  std::string output;  ///< what it wrote to standard error
};

Ending in_child(const std::function<void()>& body);

}  // namespace ganymede::test
