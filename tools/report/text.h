#pragma once

#include <string>
#include <string_view>

namespace ganymede::report {

/// "&", "<", ">" and quotes as entities.
std::string escape_html(std::string_view text);

/// A printed number with a typographic minus and separators: "-12345.5" -> "−12,345.5".
std::string typeset_number(std::string_view number);

/// A name of any letters as a part of a file name: letters, digits, "-", "_" and "+" that every
/// file system and address bar takes. A name that loses a letter gets a hash of the whole, so that
/// two names stay two files.
std::string file_name(const std::string& name);

}  // namespace ganymede::report
