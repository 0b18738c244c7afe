#pragma once
// Tensors as a vendor's product takes them: dense, at a multiple of 16 bytes. Where the caller's is
// so, it is used as it is.

#include <ganymede/kernels/memory.h>
#include <ganymede/kernels/vendor/passes.h>

namespace ganymede::kernels::vendor {

/// Where a product goes before its epilogue.
class Output {
 public:
  Output(Stream& stream, std::int64_t elements);
  /// `final` itself where its rows are dense.
  Output(Stream& stream, const Rows& rows, float* final);
  float* data() const { return data_; }

 private:
  friend class Input;
  Block memory_;
  float* data_;
};

/// What a product reads.
class Input {
 public:
  /// Behind the prologue.
  Input(Stream& stream, const Rows& rows, const float* x, const Prologue& prologue);
  explicit Input(Output written) : memory_(std::move(written.memory_)), data_(written.data_) {}
  const float* data() const { return data_; }

 private:
  Block memory_;
  const float* data_;
};

}  // namespace ganymede::kernels::vendor
