#include <ganymede/data/broken.h>

#include <algorithm>

#include <fmt/core.h>

#include <ganymede/data/parallel.h>
#include <ganymede/kernels/error.h>

namespace ganymede {

std::vector<std::string> faults_of(const Dataset& dataset,
                                   const std::function<void(std::size_t)>& read) {
  std::vector<std::string> faults(dataset.samples.size());
  parallel_for(faults.size(), [&](std::size_t i) {
    try {
      read(i);
    } catch (const Error& error) {
      faults[i] = error.what();
    }
  });
  return faults;
}

void refuse_broken(const Dataset& dataset, const std::vector<std::string>& faults) {
  constexpr std::ptrdiff_t shown = 5;
  const auto broken = std::ranges::count_if(faults, [](const auto& f) { return !f.empty(); });
  if (broken == 0) return;
  std::string list;
  std::ptrdiff_t listed = 0;
  for (const std::string& fault : faults)
    if (!fault.empty() && listed++ < shown) list += "\n  " + fault;
  if (broken > shown) list += fmt::format("\n  and {} more", broken - shown);
  throw FormatError(
      fmt::format("{}: {} of {} images cannot be read; mend or remove {}, or leave {} out with "
                  "--skip-broken (study, train, classify train, detect, data):{}",
                  dataset.root, broken, faults.size(), broken == 1 ? "it" : "them",
                  broken == 1 ? "it" : "them", list));
}

}  // namespace ganymede
