#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <ganymede/engine/shape.h>
#include <ganymede/kernels/dtype.h>
#include <ganymede/kernels/memory.h>

namespace ganymede {

/// A dense array on a device: NHWC for images, KRSC for conv weights. Copying a Tensor shares its
/// memory; `clone` copies it. New tensors live on the device of `current_stream()`.
class Tensor {
 public:
  Tensor() = default;
  /// Uninitialised memory.
  explicit Tensor(const Shape& shape, DType type = DType::f32);
  static Tensor full(const Shape& shape, float value);
  static Tensor zeros(const Shape& shape, DType type = DType::f32);
  /// Copies from the host. Throws ShapeError where the count does not fit.
  template <class T>
  static Tensor from(std::span<const T> values, const Shape& shape);
  template <class T>
  static Tensor from(const std::vector<T>& values, const Shape& shape) {
    return from(std::span<const T>(values), shape);
  }

  explicit operator bool() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  DType dtype() const { return type_; }
  Device device() const;
  std::int64_t elements() const { return shape_.elements(); }
  std::size_t bytes() const { return std::size_t(elements()) * size_of(type_); }

  /// Device memory. Throws UsageError for another dtype than T, for an empty tensor, and where the
  /// current stream works on another device; so does everything below that reads or writes it.
  template <class T = float>
  T* data() {
    return static_cast<T*>(raw(dtype_of<T>));
  }
  template <class T = float>
  const T* data() const {
    return static_cast<const T*>(raw(dtype_of<T>));
  }
  void* raw() const;

  /// The same memory seen with other extents. Throws ShapeError where the counts differ.
  Tensor reshape(const Shape& shape) const;
  /// Entries [begin, end) of the first axis; shares memory. Throws ShapeError outside of it.
  Tensor slice(std::int64_t begin, std::int64_t end) const;
  Tensor clone() const;

  /// Copy to the host; waits for the current stream. Throws UsageError while capturing. T here, in
  /// `from` and `assign`: float, u8, u16, i32 or i64.
  template <class T = float>
  std::vector<T> host() const;
  /// The value of a one-element tensor; ShapeError for any other.
  float item() const;

  /// Overwrites from the host, in place and in the current stream's order; all tensors that share
  /// the memory see it. Up to 16 KiB wait for nothing. Throws ShapeError for another number of
  /// values, UsageError while capturing.
  template <class T>
  void assign(std::span<const T> values);
  template <class T>
  void assign(const std::vector<T>& values) {
    assign(std::span<const T>(values));
  }
  /// Overwrites from a tensor of the same device, dtype and count, in the stream's order. Throws
  /// ShapeError for another dtype or count.
  void copy_from(const Tensor& other);

  /// Grows with every in-place change; a recorded operation compares it before it is
  /// differentiated.
  std::uint64_t version() const;
  /// Called by whoever writes through `data()` into a tensor that others may have seen.
  void bump_version();

 private:
  struct Storage;
  void* raw(DType asked) const;
  Shape shape_;
  DType type_ = DType::f32;
  std::int64_t offset_ = 0;  // elements
  std::shared_ptr<Storage> storage_;
};

}  // namespace ganymede
