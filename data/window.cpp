#include <ganymede/data/window.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include <ganymede/data/text.h>
#include <ganymede/kernels/error.h>

namespace ganymede {
namespace {

struct Named {
  const char* name;
  double centre, width;
};

Window around(double centre, double width) {
  return {Window::Kind::fixed, centre - width / 2, centre + width / 2};
}

[[noreturn]] void refuse(const std::string& text) {
  throw SettingError(fmt::format(
      "data.window = '{}': expected paper, brain, subdural, bone, soft, file or [lo,hi] in "
      "Hounsfield units, lo below hi",
      text));
}

bool read_number(const std::string& text, double& number) {
  const std::string word = trimmed(text);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size() && std::isfinite(number);
}

std::pair<double, double> extent(const Hounsfield& slice) {
  double low = INFINITY, high = -INFINITY;
  for (const float value : slice.values) {
    if (value == padding_value) continue;
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
  }
  return {low, high};
}

/// The range that becomes black to white.
Window settled(const Hounsfield& slice, const Window& window) {
  if (window.kind == Window::Kind::fixed) return window;
  if (window.kind == Window::Kind::file && !slice.windows.empty())
    return around(slice.windows[0].first, slice.windows[0].second);
  const auto [low, high] = extent(slice);
  return {Window::Kind::fixed, window.kind == Window::Kind::paper ? 0 : low, high};
}

}  // namespace

Window parse_window(const std::string& text) {
  static constexpr std::array named{Named{"brain", 40, 80}, Named{"subdural", 80, 200},
                                    Named{"bone", 600, 2800}, Named{"soft", 40, 380}};
  const std::string word = trimmed(text);
  for (const Named& window : named)
    if (word == window.name) return around(window.centre, window.width);
  if (word == "file") return {Window::Kind::file};
  if (word == "paper") return {Window::Kind::paper};
  const std::size_t comma = word.find(',');
  if (comma == std::string::npos || word.front() != '[' || word.back() != ']') refuse(text);
  Window window;
  if (!read_number(word.substr(1, comma - 1), window.low) ||
      !read_number(word.substr(comma + 1, word.size() - comma - 2), window.high) ||
      window.low >= window.high)
    refuse(text);
  return window;
}

Image windowed(const Hounsfield& slice, const Window& window, int bits) {
  const Window range = settled(slice, window);
  const double width = range.high - range.low;
  Image image(slice.height, slice.width, 1, bits);
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (slice.values[i] == padding_value) continue;
    // An image of one value has no range; it stays black.
    const double grey = width > 0 ? std::clamp((slice.values[i] - range.low) / width, 0.0, 1.0) : 0;
    image.set(i, (slice.inverted ? 1 - grey : grey) * image.max_value());
  }
  return image;
}

}  // namespace ganymede
