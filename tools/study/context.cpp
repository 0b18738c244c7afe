#include <ganymede/tools/study/context.h>

#include <cctype>

#include <fmt/format.h>

#include <ganymede/kernels/philox.h>

namespace ganymede::study {

std::vector<Unit> Context::units() const {
  std::vector<Unit> all;
  for (int fold = 0; fold < folds; ++fold)
    for (int repeat = 0; repeat < seeds; ++repeat) {
      const std::string in_fold = folds > 1 ? "fold" + std::to_string(fold) + "-" : "";
      const std::uint64_t s = seed + std::uint64_t(repeat);
      all.push_back({fold, repeat, s, in_fold + "seed" + std::to_string(s)});
    }
  return all;
}

std::string folder_name(const std::string& name) {
  std::string text = name;
  for (char& letter : text)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '-' && letter != '_')
      letter = '_';
  if (text == name && !name.empty()) return text;
  return fmt::format("{}-{:08x}", text, kernels::key_of(name, 0) >> 32);
}

}  // namespace ganymede::study
