#include <ganymede/engine/tensor.h>

#include <string>

#include <ganymede/kernels/copy.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/pointwise.h>

namespace ganymede {

struct Tensor::Storage {
  Block block;
  std::uint64_t version = 0;
};

Tensor::Tensor(const Shape& shape, DType type)
    : shape_(shape), type_(type), storage_(std::make_shared<Storage>()) {
  storage_->block = allocate(current_stream(), bytes());
}

Tensor Tensor::full(const Shape& shape, float value) {
  Tensor t(shape);
  kernels::fill(current_stream(), t.elements(), value, t.data());
  return t;
}

Tensor Tensor::zeros(const Shape& shape, DType type) {
  Tensor t(shape, type);
  fill_zero(current_stream(), t.raw(), t.bytes());
  return t;
}

template <class T>
Tensor Tensor::from(std::span<const T> values, const Shape& shape) {
  Tensor t(shape, dtype_of<T>);
  t.assign(values);
  t.storage_->version = 0;
  return t;
}

Device Tensor::device() const { return storage_ ? storage_->block.device() : cpu_device; }

void* Tensor::raw() const {
  if (!storage_) throw UsageError("tensor: empty, it has no memory");
  Stream& stream = current_stream();
  if (!(stream.device() == device()))
    throw UsageError("tensor: lies on " + to_string(device()) + ", the current stream works on " +
                     to_string(stream.device()));
  storage_->block.used_on(stream);  // nothing, where the stream owns it
  return static_cast<char*>(storage_->block.data()) + std::size_t(offset_) * size_of(type_);
}

void* Tensor::raw(DType asked) const {
  if (asked != type_)
    throw UsageError(std::string("tensor: asked for ") + name_of(asked) +
                     " elements of a tensor of " + name_of(type_));
  return raw();
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (shape.elements() != elements())
    throw ShapeError("reshape: " + to_string(shape_) + " has other elements than " +
                     to_string(shape));
  Tensor t = *this;
  t.shape_ = shape;
  return t;
}

Tensor Tensor::slice(std::int64_t begin, std::int64_t end) const {
  if (shape_.rank() == 0 || begin < 0 || end < begin || end > shape_[0])
    throw ShapeError("slice: [" + std::to_string(begin) + ", " + std::to_string(end) +
                     ") is not within the first axis of " + to_string(shape_));
  Tensor t = *this;
  t.shape_.set(0, end - begin);
  t.offset_ += shape_[0] ? elements() / shape_[0] * begin : 0;
  return t;
}

Tensor Tensor::clone() const {
  Tensor t(shape_, type_);
  copy_within(current_stream(), t.raw(), raw(), bytes());
  return t;
}

template <class T>
std::vector<T> Tensor::host() const {
  std::vector<T> values(static_cast<std::size_t>(elements()));
  Stream& stream = current_stream();
  if (stream.capturing())
    throw UsageError("tensor: read by the host while the stream is capturing");
  copy_to_host(stream, values.data(), data<T>(), bytes());
  stream.synchronize();
  return values;
}

float Tensor::item() const {
  if (elements() != 1) throw ShapeError("item: " + to_string(shape_) + " is not one element");
  return host<float>()[0];
}

template <class T>
void Tensor::assign(std::span<const T> values) {
  if (std::int64_t(values.size()) != elements())
    throw ShapeError("assign: " + std::to_string(values.size()) + " values for " +
                     to_string(shape_));
  Stream& stream = current_stream();
  if (stream.capturing())
    throw UsageError("tensor: written by the host while the stream is capturing");
  upload(stream, data<T>(), values.data(), bytes());
  bump_version();
}

void Tensor::copy_from(const Tensor& other) {
  if (other.type_ != type_ || other.elements() != elements())
    throw ShapeError("copy_from: " + to_string(other.shape_) + " into " + to_string(shape_));
  copy_within(current_stream(), raw(), other.raw(), bytes());
  bump_version();
}

std::uint64_t Tensor::version() const { return storage_ ? storage_->version : 0; }
void Tensor::bump_version() {
  if (storage_) ++storage_->version;
}

#define GANYMEDE_INSTANTIATE(T)                                   \
  template Tensor Tensor::from(std::span<const T>, const Shape&); \
  template std::vector<T> Tensor::host() const;                   \
  template void Tensor::assign(std::span<const T>);
GANYMEDE_INSTANTIATE(float)
GANYMEDE_INSTANTIATE(std::uint8_t)
GANYMEDE_INSTANTIATE(std::uint16_t)
GANYMEDE_INSTANTIATE(std::int32_t)
GANYMEDE_INSTANTIATE(std::int64_t)
#undef GANYMEDE_INSTANTIATE

}  // namespace ganymede
