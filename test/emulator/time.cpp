// Faults between kernels: order of streams, host buffers, reuse of memory, captured values.

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include <ganymede/engine/tensor.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/sanitizer.h>
#include <ganymede/kernels/simt/control.h>

#include <test/emulator/child.h>
#include <test/emulator/device_array.h>
#include <test/emulator/kernels.h>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;
using simt::LaneOrder;
using simt::OrderScope;

namespace {

constexpr int n = 100, seeds = 8;

// One stream writes, another reads. What the reader saw.
float across_streams(std::uint64_t seed, bool with_event) {
  Stream writer(cuda_device()), reader(cuda_device());
  const DeviceArray x(writer, std::vector<float>(n, 1.0f)), y(reader, n);
  const OrderScope scope(LaneOrder::shuffled, seed);
  fill(writer, x.data(), n, 2.0f);
  Event written(cuda_device());
  written.record(writer);
  if (with_event) written.wait(reader);
  copy(reader, x.data(), y.data(), n);
  return y.host()[0];
}

// A block is read on another stream, released and reused by its own. What the other stream saw.
float released_while_used(std::uint64_t seed, bool announced) {
  const auto pool = std::make_shared<Pool>(cuda_device());
  Stream owner(cuda_device()), other(cuda_device());
  const DeviceArray y(other, n);
  const OrderScope scope(LaneOrder::shuffled, seed);
  Block first = pool->allocate(owner, n * sizeof(float));
  fill(owner, static_cast<float*>(first.data()), n, 1.0f);
  Event written(cuda_device());
  written.record(owner);
  written.wait(other);
  copy(other, static_cast<float*>(first.data()), y.data(), n);
  if (announced) first.used_on(other);
  first = Block();
  const Block second = pool->allocate(owner, n * sizeof(float));
  fill(owner, static_cast<float*>(second.data()), n, 2.0f);
  const float seen = y.host()[0];
  owner.synchronize();
  return seen;
}

}  // namespace

TEST_CASE("a missing event gives a wrong result under some order of streams") {
  int wrong = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    CHECK(across_streams(seed, true) == 2.0f);
    wrong += across_streams(seed, false) != 2.0f;
  }
  CHECK(wrong > 0);
}

TEST_CASE("a host buffer freed before its copy is an address sanitizer error") {
  if (!sanitized) return;
  const auto ending = in_child([] {
    Stream stream(cuda_device());
    const DeviceArray x(stream, n);
    auto host = std::make_unique<std::vector<float>>(n, 1.0f);
    copy_to_device(stream, x.data(), host->data(), n * sizeof(float));
    host.reset();
    stream.synchronize();
  });
  CHECK_FALSE(ending.clean);
  CHECK_THAT(ending.output, Contains("AddressSanitizer: heap-use-after-free"));
}

TEST_CASE("small uploads wait for nothing, and their host buffer may change at once") {
  constexpr int count = 100;  // more than there are slots to wait in
  Stream stream(cuda_device());
  const Tensor x = [&] {
    const StreamScope on(stream);
    return Tensor::zeros({count});
  }();
  stream.synchronize();
  {
    const StreamScope on(stream);
    auto value = std::make_unique<float>();
    std::size_t most_waiting = 0;
    for (int i = 0; i < count; ++i) {
      *value = static_cast<float>(i);
      Tensor cell = x.slice(i, i + 1);
      cell.assign(std::span<const float>(value.get(), 1));
      most_waiting = std::max(most_waiting, simt::pending_operations());
    }
    value.reset();
    CHECK(most_waiting > 1);
    CHECK(x.slice(count - 1, count).host()[0] == count - 1);
    const std::vector<float> all = x.host();
    for (int i = 0; i < count; ++i) CHECK(all[std::size_t(i)] == float(i));
  }
}

TEST_CASE("large uploads are done when they return") {
  Stream stream(cuda_device());
  const StreamScope on(stream);
  std::vector<float> values(50'000, 3.0f);
  const Tensor x = Tensor::from(values, {50'000});
  values.assign(values.size(), 4.0f);
  CHECK(x.host() == std::vector<float>(50'000, 3.0f));
}

TEST_CASE("uploads on one stream go on while the thread captures another") {
  constexpr int count = 100;
  Stream captured(cuda_device()), other(cuda_device());
  const DeviceArray y(captured, std::vector<float>(1, 0.0f));
  const StreamScope on(other);
  Tensor x = Tensor::zeros({count});
  Graph::begin(captured);
  fill(captured, y.data(), 1, 3.0f);
  for (int i = 0; i < count; ++i) {
    Tensor cell = x.slice(i, i + 1);
    cell.assign(std::vector{float(i)});
  }
  const Graph graph = Graph::end(captured);
  graph.launch(captured);
  CHECK(y.host()[0] == 3.0f);
  CHECK(x.slice(count - 1, count).host()[0] == count - 1);
  Tensor none({0});
  none.assign(std::vector<float>());  // is no upload
}

TEST_CASE("a stream may go while an upload of it is under way") {
  const auto pool = std::make_shared<Pool>(cuda_device());
  const PoolScope in(pool);
  Tensor x;
  Stream reader(cuda_device());
  {
    Stream stream(cuda_device());
    const StreamScope on(stream);
    x = Tensor::from(std::vector{7.0f}, {1});
  }
  x = {};
  pool->trim();
  reader.synchronize();
  CHECK(simt::pending_operations() == 0);
}

TEST_CASE("use on another stream after release is found") {
  int found = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    CHECK(released_while_used(seed, true) == 1.0f);
    if (!sanitized) {
      found += released_while_used(seed, false) != 1.0f;
      continue;
    }
    const auto ending = in_child([seed] {
      if (released_while_used(seed, false) != 1.0f) throw 1;
    });
    found += !ending.clean;
  }
  CHECK(found > 0);
}

TEST_CASE("a host value frozen by a capture shows as captured unlike eager") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, std::vector<float>(n, 1.0f)), y(stream, n),
      rate(stream, std::vector<float>{3.0f});
  float host_rate = 3.0f;
  const auto frozen = [&] { scale(stream, x.data(), y.data(), n, host_rate); };
  const auto resident = [&] { scale_by(stream, x.data(), y.data(), n, rate.data()); };

  Graph::begin(stream);
  frozen();
  const Graph frozen_graph = Graph::end(stream);
  Graph::begin(stream);
  resident();
  const Graph resident_graph = Graph::end(stream);

  host_rate = 5.0f;
  copy_to_device(stream, rate.data(), &host_rate, sizeof host_rate);
  frozen();
  CHECK(y.host()[0] == 5.0f);
  frozen_graph.launch(stream);
  CHECK(y.host()[0] == 3.0f);
  resident_graph.launch(stream);
  CHECK(y.host()[0] == 5.0f);
}

TEST_CASE("nothing runs until the host must know") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, n);
  std::vector<float> host(n, 1.0f);
  copy_to_device(stream, x.data(), host.data(), n * sizeof(float));
  host.assign(n, 7.0f);  // the copy reads it only now
  CHECK(simt::pending_operations() > 0);
  CHECK(x.host()[0] == 7.0f);
  CHECK(simt::pending_operations() == 0);
}

TEST_CASE("a tensor that another stream reads is not reused before it has") {
  for (int seed = 1; seed <= seeds; ++seed) {
    const OrderScope scope(LaneOrder::shuffled, std::uint64_t(seed));
    Stream owner(cuda_device()), other(cuda_device());
    const StreamScope on(owner);
    Tensor first = Tensor::full({n}, 1.0f);
    owner.synchronize();
    Tensor copy;
    {
      const StreamScope there(other);
      copy = first.clone();
    }
    first = Tensor();
    const Tensor second = Tensor::full({n}, 2.0f);
    const StreamScope there(other);
    CHECK(copy.host()[0] == 1.0f);
  }
}

TEST_CASE("a tensor of another device than the current stream's is an error") {
  Stream cuda(cuda_device());
  Tensor there;
  {
    const StreamScope on(cuda);
    there = Tensor::full({n}, 1.0f);
  }
  CHECK_THROWS_AS(there.host(), UsageError);
  CHECK_THROWS_WITH(there.clone(), Contains("cuda:0") && Contains("cpu"));
}
