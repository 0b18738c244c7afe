#include <ganymede/models/quality/selection.h>

#include <algorithm>
#include <numeric>

#include <ganymede/models/quality/nearest.h>

namespace ganymede::quality {
namespace {

Rejection judged_alone(const Candidate& c, const SelectionRules& rules) {
  if (c.near_identical) return Rejection::near_identical;
  if (c.flagged) return Rejection::flagged;
  if (c.distance > rules.far) return Rejection::far;
  return c.disagrees ? Rejection::disagrees : Rejection::none;
}

std::vector<int> order_of(std::span<const Candidate> candidates, bool by_score) {
  std::vector<int> order(candidates.size());
  std::iota(order.begin(), order.end(), 0);
  if (by_score)
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](int i) { return candidates[std::size_t(i)].score; });
  return order;
}

/// The images kept so far, side by side.
class Kept {
 public:
  explicit Kept(const ImageSet& images) : images_(images) {}
  std::size_t count() const { return numbers_.size(); }
  void add(int i) {
    const auto pixels = images_.image(std::size_t(i));
    pixels_.insert(pixels_.end(), pixels.begin(), pixels.end());
    numbers_.push_back(i);
  }
  /// The nearest of them to image i where it is within `limit`, or -1.
  int twin_of(int i, double limit) const {
    if (limit <= 0 || numbers_.empty()) return -1;
    const Nearest nearest =
        nearest_images(set(images_.image(std::size_t(i)), 1), set(pixels_, int(count())))[0];
    return nearest.distance <= limit ? numbers_[std::size_t(nearest.index)] : -1;
  }

 private:
  ImageSet set(std::span<const float> pixels, int n) const {
    return {pixels, n, images_.height, images_.width, images_.channels};
  }
  const ImageSet& images_;
  std::vector<float> pixels_;
  std::vector<int> numbers_;
};

}  // namespace

std::string to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::near_identical:
      return "near-identical to a training image";
    case Rejection::flagged:
      return "closer to a training image than real images are";
    case Rejection::far:
      return "unlike any training image";
    case Rejection::disagrees:
      return "the classifier sees another class";
    case Rejection::duplicate:
      return "near-duplicate of another fake";
    case Rejection::low_score:
      return "lower critic score than those kept";
    case Rejection::surplus:
      return "surplus";
    case Rejection::none:
      break;
  }
  return {};
}

std::vector<Choice> select(const ImageSet& images, std::span<const Candidate> candidates,
                           const SelectionRules& rules) {
  check_image_set("select", images);
  if (std::size_t(images.count) != candidates.size())
    throw ShapeError("select: " + std::to_string(images.count) + " images, " +
                     std::to_string(candidates.size()) + " candidates");
  std::vector<Choice> choices(candidates.size());
  Kept kept(images);
  for (int i : order_of(candidates, rules.by_score)) {
    Choice& choice = choices[std::size_t(i)];
    choice.rejection = judged_alone(candidates[std::size_t(i)], rules);
    if (choice.rejection != Rejection::none) continue;
    if (int(kept.count()) >= rules.keep) {
      choice.rejection = rules.by_score ? Rejection::low_score : Rejection::surplus;
      continue;
    }
    choice.twin = kept.twin_of(i, rules.duplicate);
    if (choice.twin >= 0)
      choice.rejection = Rejection::duplicate;
    else
      kept.add(i);
  }
  return choices;
}

}  // namespace ganymede::quality
