#pragma once

#include <string>
#include <vector>

namespace ganymede {

/// Without blanks and line ends at both sides.
std::string trimmed(const std::string& text);
/// ASCII letters only.
std::string lower_case(std::string text);
std::string joined(const std::vector<std::string>& words, const std::string& separator);

}  // namespace ganymede
