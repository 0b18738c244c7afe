#pragma once

#include <cstdint>
#include <string>

namespace ganymede {

/// "1 GAN", "3 GANs", of things whose plural takes an s.
std::string counted(std::int64_t count, const std::string& thing);

/// "2.9 GB"; below a tenth of one "40 MB", never less than "1 MB".
std::string size_text(double bytes);

}  // namespace ganymede
