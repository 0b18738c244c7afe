#include <ganymede/engine/shape.h>

#include <algorithm>

#include <ganymede/kernels/error.h>

namespace ganymede {

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) : rank_(static_cast<int>(extents.size())) {
  if (extents.size() > max_rank)
    throw ShapeError("shape: rank " + std::to_string(extents.size()) + " is above 6");
  std::copy(extents.begin(), extents.end(), extents_.begin());
  for (std::int64_t e : extents)
    if (e < 0) throw ShapeError("shape: negative extent in " + to_string(*this));
}

std::int64_t Shape::elements() const {
  std::int64_t n = 1;
  for (std::int64_t e : extents()) n *= e;
  return n;
}

bool operator==(const Shape& a, const Shape& b) {
  return std::ranges::equal(a.extents(), b.extents());
}

std::string to_string(const Shape& shape) {
  if (shape.rank() == 0) return "scalar";
  std::string text;
  for (std::int64_t e : shape.extents()) text += (text.empty() ? "" : "x") + std::to_string(e);
  return text;
}

}  // namespace ganymede
