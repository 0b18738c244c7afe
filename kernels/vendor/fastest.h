#pragma once
// The choice among a vendor's algorithms.

#include <functional>

#include <ganymede/kernels/stream.h>

namespace ganymede::kernels::vendor {

/// The candidate that takes the least time, or -1 where none runs. `run` queues candidate i on the
/// given stream and is false, or throws DeviceError, where the vendor refuses it or its workspace
/// does not fit. Candidates are timed as replays of a captured graph, which is how training runs
/// them: launched one by one, small problems would be told apart by the host's time for a launch.
/// Waits until they are done.
int fastest(Device device, int candidates, const std::function<bool(Stream&, int)>& run);

}  // namespace ganymede::kernels::vendor
