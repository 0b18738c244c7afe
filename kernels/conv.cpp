#include <ganymede/kernels/conv.h>

#include <fmt/format.h>

namespace ganymede::kernels {
namespace {

std::string describe(const ConvShape& s) {
  return fmt::format(
      "input {}x{}x{}x{}, {} filters {}x{}, stride {}x{}, dilation {}x{}, pads {} {} {} {} (top "
      "left "
      "bottom right), {} groups",
      s.batch, s.height, s.width, s.channels, s.filters, s.kernel_h, s.kernel_w, s.stride_h,
      s.stride_w, s.dilation_h, s.dilation_w, s.pad_top, s.pad_left, s.pad_bottom, s.pad_right,
      s.groups);
}

}  // namespace

void check(const ConvShape& s, const char* op) {
  const auto require = [&](bool holds, const char* mend) {
    if (!holds) throw ShapeError(fmt::format("{}: {}: {}", op, describe(s), mend));
  };
  require(s.batch > 0 && s.height > 0 && s.width > 0 && s.channels > 0 && s.filters > 0,
          "every extent must be positive");
  require(s.kernel_h > 0 && s.kernel_w > 0, "the kernel must have at least one tap");
  require(s.stride_h > 0 && s.stride_w > 0 && s.dilation_h > 0 && s.dilation_w > 0,
          "strides and dilations must be positive");
  require(s.pad_top >= 0 && s.pad_left >= 0 && s.pad_bottom >= 0 && s.pad_right >= 0,
          "pads must not be negative: crop the input first");
  require(s.groups > 0 && s.channels % s.groups == 0 && s.filters % s.groups == 0,
          "groups must divide channels and filters");
  require(s.x_stride() >= s.channels && s.y_stride() >= s.filters,
          "a pixel stride must be 0 or at least the channels it steps over");
  require(
      s.height + s.pad_top + s.pad_bottom >= s.dilation_h * (s.kernel_h - 1) + 1 &&
          s.width + s.pad_left + s.pad_right >= s.dilation_w * (s.kernel_w - 1) + 1,
      "the dilated kernel is larger than the padded input: add padding or use a smaller kernel");
}

}  // namespace ganymede::kernels
