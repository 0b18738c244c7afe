#pragma once

#include <string>
#include <vector>

#include <ganymede/tools/study/context.h>
#include <ganymede/tools/study/synthesis.h>

namespace ganymede::study {

/// What a reader of the results must know: about the data, about what differs from the paper, and
/// about the fakes of the unit that is shown.
std::vector<std::string> notes_of(const Context& context, const std::vector<Synthesis>& fakes);

}  // namespace ganymede::study
