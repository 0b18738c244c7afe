#pragma once

#include <cstdio>
#include <string_view>

namespace ganymede {

/// Writes what somebody may be reading meanwhile. A reader that has gone (a closed terminal, a full
/// disk behind `2>`) does not end the work: nothing is thrown, the text is lost.
void tell(std::string_view text, std::FILE* out = stderr);

/// What is said where stdout took no more.
inline constexpr const char* lost_answer =
    "stdout: the answer could not be written; free some space or send it elsewhere";

/// For the end of a program: throws FileError where not all of its answer on stdout was written.
void finish_answer();

}  // namespace ganymede
