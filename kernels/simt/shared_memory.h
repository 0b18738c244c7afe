#pragma once
// The shared memory of the blocks that run now: one, or those of a cluster.

#include <cstddef>

namespace ganymede::simt {

inline constexpr std::size_t max_shared_bytes = 227 * 1024;     ///< of a block on any device
inline constexpr std::size_t default_shared_bytes = 48 * 1024;  ///< without opting in
inline constexpr std::size_t shared_bytes_of_multiprocessor = 228 * 1024;
inline constexpr std::size_t reserved_shared_bytes = 1024;  ///< by the system, in each block

inline constexpr unsigned max_cluster = 8;  ///< blocks that every device with clusters takes

/// What a block of the emulated device can have, opted in (set_shared_memory).
std::size_t shared_bytes_of_block();

/// NaN bytes in the first `bytes` of the block of this rank; what lies beyond is an error to touch.
void poison_shared_memory(unsigned rank, std::size_t bytes);
void* shared_memory_buffer(unsigned rank);

}  // namespace ganymede::simt
