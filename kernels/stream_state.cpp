#include <ganymede/kernels/stream_state.h>

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include <ganymede/kernels/dispatch.h>
#include <ganymede/kernels/runtime.h>

namespace ganymede::kernels {
namespace {

namespace runtime = cuda::runtime;

// Never destroyed: streams held by other statics retire at exit.
struct Registry {
  std::mutex mutex;
  std::unordered_map<std::uint64_t, std::shared_ptr<StreamState>> streams;
};

Registry& registry() {
  static auto& only = *new Registry;
  return only;
}

void ask_device([[maybe_unused]] StreamState& state) {
  if constexpr (has_cuda) {
    const runtime::Properties found = runtime::properties(state.device.index);
    state.hardware = {DeviceKind::cuda, found.name, found.code_major, found.code_minor,
                      std::max(1, found.multiprocessors)};
    state.shared_memory = found.shared_memory;
    state.shared_memory_of_all = found.shared_memory_of_all;
    state.reserved_shared_memory = found.reserved_shared_memory;
  }
}

}  // namespace

CapturedGraph::~CapturedGraph() {
  if constexpr (has_cuda) {
    if (executable != nullptr) runtime::destroy_graph(executable);
  }
  for (const auto& release : releases) release(replayed_on);
}

std::shared_ptr<StreamState> state_of(const Stream& stream) {
  if (stream.device().kind == DeviceKind::cpu) return nullptr;
  const std::scoped_lock lock(registry().mutex);
  return registry().streams.at(stream.id());
}

std::shared_ptr<StreamState> register_stream(Device device, std::uint64_t id, void* native) {
  auto state = std::make_shared<StreamState>(device);
  state->id = id;
  state->native = native;
  ask_device(*state);
  const std::scoped_lock lock(registry().mutex);
  registry().streams[id] = state;
  return state;
}

void retire_stream(std::uint64_t id) noexcept {
  if constexpr (has_cuda) {
    std::shared_ptr<StreamState> state;
    {
      const std::scoped_lock lock(registry().mutex);
      const auto found = registry().streams.find(id);
      state = found->second;
      registry().streams.erase(found);
    }
    const std::scoped_lock lock(state->mutex);
    try {
      state->end = mark(*state);
    } catch (const Error&) {
      // A device that can record no event any more runs nothing either: nothing is left to wait
      // for.
    }
    runtime::destroy_stream(state->native);
    state->native = nullptr;
  }
}

Hardware hardware_of(const Stream& stream) {
  const auto state = state_of(stream);
  return state ? state->hardware : Hardware{.name = "cpu"};
}

void set_kernel_table(Stream& stream, std::shared_ptr<const KernelTable> table) {
  const Hardware here = hardware_of(stream);
  if (table && table->device() != here)
    throw SettingError(
        fmt::format("kernel table {}: it was timed on {}, this stream is on {}; time one here with "
                    "bench/kernels --tune, or leave it out",
                    table->name, to_string(table->device()), to_string(here)));
  if (const auto state = state_of(stream)) state->table = std::move(table);
}

std::shared_ptr<const KernelTable> kernel_table(const Stream& stream) {
  const auto state = state_of(stream);
  return state ? state->table : nullptr;
}

std::shared_ptr<void> mark(StreamState& state) {
  if constexpr (has_cuda) {
    if (state.native == nullptr) return state.end;
    std::shared_ptr<void> event(runtime::create_event(state.device.index), runtime::destroy_event);
    runtime::record(event.get(), state.native);
    return event;
  }
  return nullptr;
}

}  // namespace ganymede::kernels
