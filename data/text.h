#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ganymede {

/// Without blanks and line ends at both sides.
std::string trimmed(const std::string& text);
/// ASCII letters only.
std::string lower_case(std::string text);
/// Whether the bytes are well-formed UTF-8: no stray or overlong byte, no surrogate.
bool is_utf8(std::string_view text);
std::string joined(const std::vector<std::string>& words, const std::string& separator);

/// The candidate with the fewest edits to `name`, or that it is a part of; empty where none is near
/// (a third of the letters may differ, case does not count), for a wild guess misleads.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// What comes between "no verb 'x'" and the mend: "; did you mean 'y'? " of the nearest candidate,
/// "; " where none is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace ganymede
