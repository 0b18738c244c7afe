#include <ganymede/kernels/memory.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/runtime.h>
#include <ganymede/kernels/stream_state.h>

namespace ganymede {
namespace {

namespace runtime = kernels::cuda::runtime;

using Scoped = std::pair<Device, std::shared_ptr<Pool>>;

// The pools that scopes of this thread have made current; few, mostly none.
std::vector<Scoped>& scoped_pools() {
  thread_local std::vector<Scoped> pools;
  return pools;
}

std::shared_ptr<Pool> exchange_scoped(Device device, std::shared_ptr<Pool> pool) {
  auto& pools = scoped_pools();
  auto found = std::find_if(pools.begin(), pools.end(),
                            [device](const Scoped& entry) { return entry.first == device; });
  if (found == pools.end()) found = pools.insert(pools.end(), {device, nullptr});
  return std::exchange(found->second, std::move(pool));
}

void copy_on_host(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

}  // namespace

Block allocate(Stream& stream, std::size_t bytes) {
  for (const auto& [device, pool] : scoped_pools()) {
    if (pool && device == stream.device()) return pool->allocate(stream, bytes);
  }
  return Pool::of(stream.device())->allocate(stream, bytes);
}

PoolScope::PoolScope(std::shared_ptr<Pool> pool) : device_(pool->device()) {
  before_ = exchange_scoped(device_, std::move(pool));
}

bool PoolScope::active(Device device) {
  return std::any_of(scoped_pools().begin(), scoped_pools().end(), [device](const Scoped& entry) {
    return entry.first == device && entry.second;
  });
}

PoolScope::~PoolScope() { exchange_scoped(device_, std::move(before_)); }

void copy_to_device(Stream& stream, void* device, const void* host, std::size_t bytes) {
  if constexpr (kernels::has_cuda) {
    if (stream.native()) return runtime::copy_to_device(stream.native(), device, host, bytes);
  }
  copy_on_host(device, host, bytes);
}

void upload(Stream& stream, void* device, const void* host, std::size_t bytes) {
  if constexpr (kernels::has_cuda) {
    if (stream.native() && bytes <= kernels::Staging::slot_bytes)
      return kernels::state_of(stream)->staging.upload(stream.native(), device, host, bytes);
  }
  copy_to_device(stream, device, host, bytes);
  stream.synchronize();
}

void copy_to_host(Stream& stream, void* host, const void* device, std::size_t bytes) {
  if constexpr (kernels::has_cuda) {
    if (stream.native()) return runtime::copy_to_host(stream.native(), host, device, bytes);
  }
  copy_on_host(host, device, bytes);
}

void copy_within(Stream& stream, void* to, const void* from, std::size_t bytes) {
  if constexpr (kernels::has_cuda) {
    if (stream.native()) return runtime::copy_within(stream.native(), to, from, bytes);
  }
  copy_on_host(to, from, bytes);
}

void fill_zero(Stream& stream, void* device, std::size_t bytes) {
  if constexpr (kernels::has_cuda) {
    if (stream.native())
      return runtime::fill_zero(stream.device().index, stream.native(), device, bytes);
  }
  if (bytes > 0) std::memset(device, 0, bytes);
}

}  // namespace ganymede
