#pragma once

namespace ganymede {

/// Starts the program anew, once, so that idle OpenMP threads sleep after some ten microseconds
/// instead of spinning for milliseconds. With anything else running on the machine the default
/// makes small networks 10 to 20 times slower (measured: 45 s -> 3 s with one busy core of two).
/// The libraries read this from the environment before main, hence the new start. Whoever sets
/// OMP_WAIT_POLICY or GOMP_SPINCOUNT has decided; nothing happens then. `words` are main's.
void shorten_thread_waits(char** words);

}  // namespace ganymede
