// Stream, Event and Graph on the CPU and on the emulated device.

#include <catch2/catch.hpp>

#include <cstdlib>
#include <thread>

#include <ganymede/kernels/error.h>
#include <ganymede/kernels/simt/control.h>

#include <test/emulator/device_array.h>
#include <test/emulator/kernels.h>

using namespace ganymede;
using namespace ganymede::test;
using Catch::Matchers::Contains;

TEST_CASE("devices and their streams") {
  CHECK(to_string(cpu_device) == "cpu");
  CHECK(to_string(cuda_device(1)) == "cuda:1");
  CHECK(cuda_device_count() == 1);
  CHECK(why_no_cuda_device().empty());
  CHECK_THROWS_WITH(Stream(cuda_device(3)), Contains("cuda:3 does not exist"));
  Stream cpu(cpu_device), cuda(cuda_device());
  CHECK(cpu.math_mode() == MathMode::fp32);
  CHECK(cuda.math_mode() == MathMode::tf32);
  CHECK(cpu.id() != cuda.id());
  const auto id = cuda.id();
  const Stream moved = std::move(cuda);
  CHECK(moved.id() == id);
}

TEST_CASE("CUDA_VISIBLE_DEVICES hides the device") {
  ::setenv("CUDA_VISIBLE_DEVICES", "", 1);
  CHECK(cuda_device_count() == 0);
  CHECK_THAT(why_no_cuda_device(), Contains("CUDA_VISIBLE_DEVICES"));
  CHECK_THROWS_WITH(Stream(cuda_device()), Contains("cuda:0 does not exist"));
  ::setenv("CUDA_VISIBLE_DEVICES", "-1", 1);
  CHECK(cuda_device_count() == 0);
  ::setenv("CUDA_VISIBLE_DEVICES", "3", 1);  // of a machine with GPUs
  CHECK(cuda_device_count() == 1);
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  CHECK(cuda_device_count() == 1);
}

TEST_CASE("each thread has a current stream of its own") {
  Stream& mine = current_stream();
  CHECK(mine.device() == cpu_device);
  Stream cuda(cuda_device());
  {
    const StreamScope scope(cuda);
    CHECK(&current_stream() == &cuda);
    std::thread([&] { CHECK(&current_stream() != &cuda); }).join();
  }
  CHECK(&current_stream() == &mine);
}

TEST_CASE("events order streams and answer the host") {
  Stream cuda(cuda_device()), cpu(cpu_device);
  Event event(cuda_device());
  CHECK(event.finished());
  const DeviceArray x(cuda, 10);
  fill(cuda, x.data(), 10, 1.0f);
  event.record(cuda);
  int queries = 0;
  while (!event.finished()) ++queries;
  CHECK(queries < 10);
  CHECK_THROWS_AS(event.record(cpu), UsageError);
  event.record(cuda);
  event.wait(cpu);
  CHECK(simt::pending_operations() == 0);
  Event on_cpu(cpu_device);
  on_cpu.record(cpu);
  on_cpu.wait(cuda);
  CHECK(on_cpu.finished());
}

TEST_CASE("a capture records, and its replay runs in order") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, std::vector<float>(64, 1.0f)), y(stream, 64);
  Graph::begin(stream);
  CHECK(stream.capturing());
  scale(stream, x.data(), y.data(), 64, 2.0f);
  scale(stream, y.data(), x.data(), 64, 2.0f);
  CHECK_THROWS_AS(stream.synchronize(), UsageError);
  CHECK_THROWS_AS(Graph::begin(stream), UsageError);
  Graph graph = Graph::end(stream);
  CHECK_FALSE(stream.capturing());
  CHECK(x.host()[0] == 1.0f);
  graph.launch(stream);
  graph.launch(stream);
  CHECK(x.host()[63] == 16.0f);
  CHECK_THROWS_AS(Graph().launch(stream), UsageError);
  Stream cpu(cpu_device);
  CHECK_THROWS_AS(Graph::begin(cpu), UsageError);
  CHECK_THROWS_AS(Graph::end(stream), UsageError);
}

TEST_CASE("an abandoned capture leaves a usable stream") {
  Stream stream(cuda_device());
  const DeviceArray x(stream, std::vector<float>(64, 1.0f));
  Graph::begin(stream);
  fill(stream, x.data(), 64, 9.0f);
  Graph::abandon(stream);
  CHECK(x.host()[0] == 1.0f);
  fill(stream, x.data(), 64, 2.0f);
  CHECK(x.host()[0] == 2.0f);
}

TEST_CASE("an event from outside cannot enter a capture") {
  Stream stream(cuda_device()), other(cuda_device());
  Event event(cuda_device());
  event.record(other);
  Graph::begin(stream);
  CHECK_THROWS_AS(event.wait(stream), DeviceError);
  Graph::abandon(stream);
}

TEST_CASE("threads work side by side, each on its own stream") {
  const auto work = [](float value, bool& right) {
    Stream stream(cuda_device());
    const DeviceArray x(stream, std::vector<float>(300, value)), y(stream, 1);
    right = true;
    for (int i = 0; i < 20; ++i) {
      row_sums(stream, x.data(), y.data(), 1, 300);
      right = right && y.host()[0] == 300 * value;
    }
  };
  bool first = false, second = false;
  std::thread a(work, 1.0f, std::ref(first)), b(work, 2.0f, std::ref(second));
  a.join(), b.join();
  CHECK(first);
  CHECK(second);
}
