#include <ganymede/kernels/vendor/fastest.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include <ganymede/kernels/error.h>

namespace ganymede::kernels::vendor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int calls = 8, samples = 3;
constexpr double never = std::numeric_limits<double>::infinity();

/// False where a call was refused, or said nothing but left a capture that cannot be ended; then
/// nothing is recorded.
bool record(Stream& stream, const std::function<bool()>& run, Graph& graph) {
  bool recorded = true;
  Graph::begin(stream);
  try {
    for (int i = 0; i < calls && recorded; ++i) recorded = run();
  } catch (...) {
    Graph::abandon(stream);
    throw;
  }
  if (!recorded) {
    Graph::abandon(stream);
    return false;
  }
  try {
    graph = Graph::end(stream);
  } catch (const DeviceError&) {  // a call that did what a capture forbids invalidated it
    return false;
  }
  return true;
}

double replay_seconds(Stream& stream, const Graph& graph) {
  const auto start = Clock::now();
  graph.launch(stream);
  stream.synchronize();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double seconds_of(Stream& stream, const std::function<bool()>& run) {
  Graph graph;
  if (!run() || !record(stream, run, graph)) return never;
  replay_seconds(stream, graph);  // the first replay uploads the graph
  double least = never;
  for (int i = 0; i < samples; ++i) least = std::min(least, replay_seconds(stream, graph));
  return least;
}

}  // namespace

int fastest(Device device, int candidates, const std::function<bool(Stream&, int)>& run) {
  Stream stream(device);
  int best = -1;
  double least = never;
  for (int i = 0; i < candidates; ++i) {
    const double seconds = seconds_of(stream, [&] {
      try {
        return run(stream, i);
      } catch (const DeviceError&) {  // no memory for its workspace: others want less
        return false;
      }
    });
    if (seconds >= least) continue;
    least = seconds;
    best = i;
  }
  stream.synchronize();  // a candidate refused while it was recorded has run once
  return best;
}

}  // namespace ganymede::kernels::vendor
