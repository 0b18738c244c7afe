#include <ganymede/kernels/error.h>
#include <ganymede/models/quality/resample_units.h>

#include <map>
#include <numeric>
#include <utility>

#include <fmt/core.h>

namespace ganymede::quality {

ResampleUnits::ResampleUnits(int images, std::span<const int> groups) : images_(images) {
  if (!groups.empty() && groups.size() != std::size_t(images))
    throw ShapeError(fmt::format("resampling: {} groups for {} images", groups.size(), images));
  std::map<int, std::vector<int>> of_group;
  for (int i = 0; i < images; ++i) of_group[groups.empty() ? i : groups[i]].push_back(i);
  for (auto& [group, members] : of_group) units_.push_back(std::move(members));
  if (count() < 2)
    throw DataError(fmt::format(
        "resampling: {} images of {} patient; an interval wants at least two", images, count()));
}

std::vector<int> ResampleUnits::all() const {
  std::vector<int> result(units_.size());
  std::iota(result.begin(), result.end(), 0);
  return result;
}

std::vector<int> ResampleUnits::with_replacement(SplitMix64& random) const {
  std::vector<int> result(units_.size());
  for (int& unit : result) unit = int(random.below(std::uint32_t(count())));
  return result;
}

std::vector<int> ResampleUnits::counts(std::span<const int> drawn) const {
  std::vector<int> result(std::size_t(images_), 0);
  for (const int unit : drawn)
    for (const int image : units_[std::size_t(unit)]) ++result[std::size_t(image)];
  return result;
}

void shuffle(std::span<int> items, SplitMix64& random) {
  for (std::size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.below(std::uint32_t(i))]);
}

}  // namespace ganymede::quality
