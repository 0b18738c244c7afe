#pragma once

#include <string>

#include <ganymede/tools/study/context.h>

namespace ganymede::study {

/// What can be known to fail before anything is trained. Throws SettingError (exit 2), DataError or
/// FileError (exit 3), each naming the key, class or part, and the mend.
void require_trainable(const Context& context);

/// Throws SettingError where `out` lies in the folder `data`: the fakes of this run would be the
/// images of the next.
void require_outside(const std::string& out, const std::string& data);

}  // namespace ganymede::study
