#pragma once

#include <cstdint>
#include <string>

#include <ganymede/kernels/simt/control.h>

namespace ganymede::test {

/// Launches of kernels whose names begin so, since the counts were reset.
inline std::uint64_t launches_of(const std::string& prefix) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : simt::launch_counts().by_name)
    if (name.starts_with(prefix)) sum += count;
  return sum;
}

}  // namespace ganymede::test
