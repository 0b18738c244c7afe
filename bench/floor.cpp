#include "floor.h"

namespace ganymede::bench {

std::optional<DeviceSheet> sheet_of(const std::string& word) {
  if (word != "h200") return std::nullopt;
  // NVIDIA's data sheet of the H200 (SXM). 132 multiprocessors x 2,048 dense TF32 FLOP (1,024
  // multiply-adds) a clock make the 495 TFLOP/s at 1.83 GHz.
  return DeviceSheet{.word = "h200",
                     .hardware = {DeviceKind::cuda, "NVIDIA H200", 9, 0, 132},
                     .fp32 = 67e12,
                     .tf32 = 495e12,
                     .bf16 = 989e12,
                     .bytes_per_second = 4.8e12,
                     .clock = 1.83e9};
}

Floor floor_of(const Work& work, const DeviceSheet& sheet, MathMode mode) {
  const double rate = mode == MathMode::tf32   ? sheet.tf32
                      : mode == MathMode::bf16 ? sheet.bf16
                                               : sheet.fp32;
  return {work.flops / rate, work.bytes / sheet.bytes_per_second};
}

}  // namespace ganymede::bench
