#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ganymede::quality {

/// "a, b, c". (g++ 12 warns inside fmt::join at -O3, hence our own.)
inline std::string join(std::span<const std::string> parts, std::string_view between) {
  std::string result;
  for (const auto& part : parts) {
    if (!result.empty()) result += between;
    result += part;
  }
  return result;
}

}  // namespace ganymede::quality
