#include "test/sentinels.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace ganymede::test {
namespace {

constexpr std::size_t guard = 1024;            // bytes on each side; keeps the payload aligned
constexpr std::uint32_t canary = 0xFFC0DEADu;  // as a float, a NaN that arithmetic does not make

}  // namespace

Sentinels::Sentinels(std::string where) : where_(std::move(where)) {}

Sentinels::~Sentinels() {
  try {
    for (std::size_t i = 0; i < buffers_.size(); ++i) check(buffers_[i], i);
  } catch (const std::exception& e) {  // the device failed; a destructor must not throw
    FAIL_CHECK(where_ << ": " << e.what());
  }
}

bool Sentinels::untouched(float value) { return std::memcmp(&value, &canary, sizeof canary) == 0; }

std::byte* Sentinels::Buffer::payload() const {
  return static_cast<std::byte*>(block.data()) + guard;
}

void* Sentinels::add(const void* values, std::size_t bytes, bool read_only) {
  Stream& stream = current_stream();
  Buffer buffer{allocate(stream, bytes + 2 * guard), bytes, {}, read_only};
  buffer.image.resize(bytes + 2 * guard);
  for (std::size_t i = 0; i + sizeof canary <= buffer.image.size(); i += sizeof canary)
    std::memcpy(buffer.image.data() + i, &canary, sizeof canary);
  if (values && bytes) std::memcpy(buffer.image.data() + guard, values, bytes);
  copy_to_device(stream, buffer.block.data(), buffer.image.data(), buffer.image.size());
  stream.synchronize();
  buffers_.push_back(std::move(buffer));
  return buffers_.back().payload();
}

std::vector<std::byte> Sentinels::host_copy(const Buffer& buffer) {
  std::vector<std::byte> bytes(buffer.image.size());
  Stream& stream = current_stream();
  copy_to_host(stream, bytes.data(), buffer.block.data(), bytes.size());
  stream.synchronize();
  return bytes;
}

std::vector<std::byte> Sentinels::read_bytes(const void* address) {
  for (const Buffer& buffer : buffers_)
    if (buffer.payload() == address) {
      const std::vector<std::byte> all = host_copy(buffer);
      return {all.begin() + guard, all.end() - guard};
    }
  FAIL("not the address of a buffer of this test");
  return {};
}

void Sentinels::check(const Buffer& buffer, std::size_t number) {
  const std::vector<std::byte> now = host_copy(buffer);
  const auto same = [&](std::size_t begin, std::size_t end) {
    return std::equal(now.begin() + static_cast<std::ptrdiff_t>(begin),
                      now.begin() + static_cast<std::ptrdiff_t>(end),
                      buffer.image.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  INFO(where_ << ", buffer " << number << " of " << buffer.bytes << " bytes");
  if (!same(0, guard)) FAIL_CHECK("written before the buffer's begin");
  if (!same(guard + buffer.bytes, now.size())) FAIL_CHECK("written after the buffer's end");
  if (buffer.read_only && !same(guard, guard + buffer.bytes)) FAIL_CHECK("an input was written to");
}

}  // namespace ganymede::test
