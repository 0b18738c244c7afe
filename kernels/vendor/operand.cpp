#include <ganymede/kernels/vendor/operand.h>

namespace ganymede::kernels::vendor {
namespace {

bool usable(const Rows& rows, const float* x) {
  return rows.from_stride == rows.to_stride && reinterpret_cast<std::uintptr_t>(x) % 16 == 0;
}

Block block_of(Stream& stream, std::int64_t elements) {
  return allocate(stream, sizeof(float) * static_cast<std::size_t>(elements));
}

}  // namespace

Output::Output(Stream& stream, std::int64_t elements)
    : memory_(block_of(stream, elements)), data_(static_cast<float*>(memory_.data())) {}

Output::Output(Stream& stream, const Rows& rows, float* final) : data_(final) {
  if (!usable(rows, final)) *this = Output(stream, rows.rows * rows.channels);
}

Input::Input(Stream& stream, const Rows& rows, const float* x, const Prologue& prologue)
    : data_(x) {
  if (usable(rows, x) && !prologue.scale) return;
  Output dense(stream, rows.rows * rows.channels);
  apply_prologue(stream, rows, prologue, x, dense.data());
  *this = Input(std::move(dense));
}

}  // namespace ganymede::kernels::vendor
