#pragma once
// A float array on a stream's device, for tests.

#include <vector>

#include <ganymede/kernels/memory.h>

namespace ganymede::test {

class DeviceArray {
 public:
  DeviceArray(Stream& stream, int n)
      : stream_(&stream), n_(n), block_(allocate(stream, n * sizeof(float))) {}
  DeviceArray(Stream& stream, const std::vector<float>& values)
      : DeviceArray(stream, static_cast<int>(values.size())) {
    copy_to_device(stream, data(), values.data(), block_.bytes());
    stream.synchronize();
  }

  float* data() const { return static_cast<float*>(block_.data()); }
  Block& block() { return block_; }

  std::vector<float> host() const {
    std::vector<float> values(static_cast<std::size_t>(n_));
    copy_to_host(*stream_, values.data(), data(), block_.bytes());
    stream_->synchronize();
    return values;
  }

 private:
  Stream* stream_;
  int n_;
  Block block_;
};

}  // namespace ganymede::test
