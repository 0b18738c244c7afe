#include <ganymede/tools/amounts.h>

#include <algorithm>

#include <fmt/core.h>

namespace ganymede {

std::string counted(std::int64_t count, const std::string& thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string size_text(double bytes) {
  constexpr double tenth = 1e8;
  if (bytes >= tenth) return fmt::format("{:.1f} GB", bytes / 1e9);
  return fmt::format("{:.0f} MB", std::max(1.0, bytes / 1e6));
}

}  // namespace ganymede
