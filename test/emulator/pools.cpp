// The memory pool on the CPU and on the emulated device.

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <thread>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/simt/control.h>
#include <ganymede/kernels/system_memory.h>

#include <test/emulator/device_array.h>
#include <test/emulator/kernels.h>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

namespace {

std::shared_ptr<Pool> cuda_pool() { return std::make_shared<Pool>(cuda_device()); }

}  // namespace

TEST_CASE("size classes have four steps to a power of two") {
  CHECK(kernels::size_class(0).bytes == 256);
  CHECK(kernels::size_class(256).bytes == 256);
  CHECK(kernels::size_class(257).bytes == 320);
  CHECK(kernels::size_class(1024).bytes == 1024);
  CHECK(kernels::size_class(1025).bytes == 1280);
  CHECK(kernels::size_class((1u << 20) + 1).bytes == 5u << 18);
  std::set<std::pair<int, std::size_t>> classes;
  for (std::size_t bytes = 1; bytes < 100000; bytes += 7) {
    const auto size = kernels::size_class(bytes);
    CHECK(size.bytes >= bytes);
    if (bytes > 256) CHECK(size.bytes * 4 <= bytes * 5 + 4 * 7);
    classes.insert({size.index, size.bytes});
  }
  std::set<int> indices;
  for (const auto& [index, bytes] : classes) indices.insert(index);
  CHECK(indices.size() == classes.size());
  CHECK_THROWS_AS(kernels::size_class(SIZE_MAX), DeviceError);
}

TEST_CASE("a freed block is handed out again") {
  for (const Device device : {cpu_device, cuda_device()}) {
    Stream stream(device);
    const auto pool = std::make_shared<Pool>(device);
    void* first = nullptr;
    {
      const Block block = pool->allocate(stream, 1000);
      first = block.data();
      CHECK(block.bytes() == 1000);
      CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
      CHECK(pool->stats().bytes_in_use == 1024);
    }
    Block block = pool->allocate(stream, 900);
    CHECK(block.data() == first);
    CHECK(pool->allocate(stream, 900).data() != first);
    CHECK(pool->allocate(stream, 0).data() != nullptr);
    CHECK(pool->stats().device_allocations == 3);
    CHECK(pool->stats().peak_bytes_in_use == 2048);
    block = Block();
    pool->trim();
    CHECK(pool->stats().bytes_reserved == 0);
    CHECK(pool->stats().bytes_in_use == 0);
  }
}

TEST_CASE("large CPU blocks are usable to their end") {
  Stream stream(cpu_device);
  const Block block = allocate(stream, (std::size_t{5} << 20) + 3);
  fill_zero(stream, block.data(), block.bytes());
  CHECK(static_cast<unsigned char*>(block.data())[block.bytes() - 1] == 0);
}

TEST_CASE("streams do not share freed blocks while both live") {
  const auto pool = cuda_pool();
  Stream a(cuda_device()), b(cuda_device());
  const void* freed = pool->allocate(a, 512).data();
  CHECK(pool->allocate(b, 512).data() != freed);
  CHECK(pool->allocate(a, 512).data() == freed);
}

TEST_CASE("the blocks of a destroyed stream are not lost, and wait for its end") {
  const auto pool = cuda_pool();
  Stream b(cuda_device());
  for (int seed = 1; seed <= 8; ++seed) {
    const simt::OrderScope scope(simt::LaneOrder::shuffled, seed);
    auto a = std::make_unique<Stream>(cuda_device());
    Block late = pool->allocate(*a, 256);
    {
      const Block block = pool->allocate(*a, 512);
      fill(*a, static_cast<float*>(block.data()), 128, 1.0f);
    }
    a.reset();
    const Block block = pool->allocate(b, 512);
    fill(b, static_cast<float*>(block.data()), 128, 2.0f);
    float seen = 0;
    copy_to_host(b, &seen, block.data(), sizeof seen);
    b.synchronize();
    CHECK(seen == 2.0f);
    late = Block();
    CHECK(pool->allocate(b, 256));
  }
  CHECK(pool->stats().device_allocations == 4);  // two each for the two streams alive at once
}

TEST_CASE("a full device is used to the last block, then named") {
  Stream a(cuda_device()), b(cuda_device());
  const auto pool = Pool::of(cuda_device());
  pool->trim();
  simt::set_memory_limit(pool->stats().bytes_reserved + 4096);
  { const Block block = allocate(a, 4096); }
  const Block from_a = allocate(b, 4096);  // what stream a has freed
  CHECK_THROWS_WITH(allocate(a, 1024), Contains("has no 1024 bytes left"));
  simt::set_memory_limit(std::size_t{8} << 30);
  CHECK_NOTHROW(allocate(a, 1024));
}

TEST_CASE("the cache is emptied before a device counts as full") {
  Stream stream(cuda_device());
  const auto pool = Pool::of(cuda_device());
  pool->trim();
  simt::set_memory_limit(pool->stats().bytes_reserved + 4096);
  { const Block small = allocate(stream, 1024); }
  CHECK_NOTHROW(allocate(stream, 4096));
  simt::set_memory_limit(std::size_t{8} << 30);
}

TEST_CASE("a scope makes a private pool current on this thread and device") {
  Stream cpu(cpu_device), cuda(cuda_device());
  const auto pool = cuda_pool();
  {
    const PoolScope scope(pool);
    const Block own = allocate(cuda, 100), common = allocate(cpu, 100);
    CHECK(pool->stats().device_allocations == 1);
    std::thread([] {
      Stream stream(cuda_device());
      CHECK(allocate(stream, 100));
    }).join();
  }
  CHECK(allocate(cuda, 100));
  CHECK(pool->stats().device_allocations == 1);
}

TEST_CASE("a private pool reuses memory within a capture, and replays see it whole") {
  Stream stream(cuda_device());
  const auto pool = cuda_pool();
  const DeviceArray x(stream, std::vector<float>(64, 1.0f)), y(stream, 64);
  const auto body = [&] {
    const PoolScope scope(pool);
    const float* from = x.data();
    Block kept;
    for (int i = 0; i < 5; ++i) {
      Block next = allocate(stream, 64 * sizeof(float));
      scale(stream, from, static_cast<float*>(next.data()), 64, 2.0f);
      kept = std::move(next);
      from = static_cast<float*>(kept.data());
    }
    copy(stream, from, y.data(), 64);
  };
  body();
  const auto after_first = pool->stats().device_allocations;
  CHECK(after_first == 2);
  Graph::begin(stream);
  body();
  const Graph graph = Graph::end(stream);
  for (int i = 0; i < 3; ++i) {
    fill(stream, y.data(), 64, 0.0f);
    graph.launch(stream);
    CHECK(y.host()[7] == 32.0f);
  }
  CHECK(pool->stats().device_allocations == after_first);
}

TEST_CASE("a common block freed during a capture stays with the graph") {
  Stream stream(cuda_device());
  const DeviceArray y(stream, 64);
  Block input = allocate(stream, 64 * sizeof(float));
  const void* address = input.data();
  fill(stream, static_cast<float*>(input.data()), 64, 4.0f);
  Graph::begin(stream);
  copy(stream, static_cast<float*>(input.data()), y.data(), 64);
  input = Block();
  Graph graph = Graph::end(stream);
  const Block other = allocate(stream, 64 * sizeof(float));
  CHECK(other.data() != address);
  fill(stream, static_cast<float*>(other.data()), 64, 5.0f);
  graph.launch(stream);
  CHECK(y.host()[0] == 4.0f);
  graph = Graph();
  CHECK(allocate(stream, 64 * sizeof(float)).data() == address);
}

TEST_CASE("a graph that goes while its last stream is captured leaves its blocks to that capture") {
  Stream owner(cuda_device()), other(cuda_device());
  const DeviceArray y(owner, 64);
  Block input = allocate(owner, 64 * sizeof(float));
  const void* address = input.data();
  Graph::begin(owner);
  copy(owner, static_cast<float*>(input.data()), y.data(), 64);
  input = Block();
  Graph first = Graph::end(owner);
  first.launch(other);
  Graph::begin(other);
  first = Graph();
  CHECK(allocate(owner, 64 * sizeof(float)).data() != address);  // and asks no event of the capture
  copy(other, y.data(), y.data() + 32, 32);
  Graph second = Graph::end(other);
  second = Graph();
  owner.synchronize();
  other.synchronize();
  CHECK(allocate(owner, 64 * sizeof(float)).data() == address);
}

TEST_CASE("threads may share a pool") {
  const auto pool = std::make_shared<Pool>(cpu_device);
  const auto work = [&] {
    Stream stream(cpu_device);
    for (int i = 0; i < 2000; ++i) {
      const Block block = pool->allocate(stream, 64 * (i % 17));
      if (i % 17 > 0) static_cast<char*>(block.data())[0] = 1;
    }
  };
  std::thread a(work), b(work);
  a.join(), b.join();
  CHECK(pool->stats().bytes_in_use == 0);
}
