#include <ganymede/tools/study/context.h>

#include <cctype>

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

std::string Context::class_folder(int c) const {
  std::string text = class_name(c);
  for (char& letter : text)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '-' && letter != '_')
      letter = '_';
  return text;
}

}  // namespace ganymede::study
