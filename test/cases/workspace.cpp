// Scratch memory of the CPU's kernels: one piece for each thread, and what happens where it has no
// room.
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include <ganymede/kernels/cpu/workspace.h>
#include <ganymede/kernels/error.h>
#include <ganymede/kernels/sanitizer.h>

using namespace ganymede;
using kernels::cpu::Workspace;

namespace {

/// In a thread of its own: pieces grow with what a thread has asked for.
template <class Body>
void on_new_thread(const Body& body) {
  std::thread(body).join();
}

}  // namespace

TEST_CASE("workspace: the next call finds the same memory", "[memory]") {
  on_new_thread([] {
    Stream stream(cpu_device);
    const auto address = [&](std::size_t bytes) { return Workspace(stream, bytes).data(); };
    address(1000);  // tells what the piece is to hold
    void* const first = address(1000);
    CHECK(address(10) == first);
    CHECK(address(1000) == first);
    CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
  });
}

TEST_CASE("workspace: places do not overlap, whatever the order they are given back in",
          "[memory]") {
  on_new_thread([] {
    Stream stream(cpu_device);
    for (int round = 0; round < 3; ++round) {  // with blocks of their own first, then in the piece
      Workspace a(stream, 100), b(stream, 5000);
      std::memset(b.data(), 1, 5000);
      std::memset(a.data(), 2, 100);
      a = Workspace();
      Workspace c(stream, 3000), nothing(stream, 0);
      std::memset(c.data(), 3, 3000);
      CHECK(nothing.data() != nullptr);
      CHECK(static_cast<const char*>(b.data())[0] == 1);
      CHECK(static_cast<const char*>(b.data())[4999] == 1);
      const Workspace moved = std::move(b);
      CHECK(static_cast<const char*>(moved.data())[17] == 1);
    }
  });
}

TEST_CASE("workspace: more than there is fails that call alone", "[memory]") {
  if constexpr (sanitized) {
    SUCCEED("left out: the sanitizer ends the process instead");
    return;
  }
  on_new_thread([] {
    Stream stream(cpu_device);
    for (int round = 0; round < 2; ++round) {
      CHECK_THROWS_AS(Workspace(stream, std::size_t{1} << 60), DeviceError);
      CHECK_NOTHROW(Workspace(stream, 1 << 20));
    }
  });
}

TEST_CASE("workspace: in a pool's scope it is that pool's", "[memory]") {
  Stream stream(cpu_device);
  const auto pool = std::make_shared<Pool>(cpu_device);
  const PoolScope scope(pool);
  std::optional<Workspace> taken(std::in_place, stream, std::size_t{1000});
  CHECK(pool->stats().bytes_in_use >= 1000);
  taken.reset();
  CHECK(pool->stats().bytes_in_use == 0);
}
