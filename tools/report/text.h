#pragma once

#include <string>
#include <string_view>

namespace ganymede::report {

/// "&", "<", ">" and quotes as entities.
std::string escape_html(std::string_view text);

/// A printed number with a typographic minus and separators: "-12345.5" -> "−12,345.5".
std::string typeset_number(std::string_view number);

}  // namespace ganymede::report
