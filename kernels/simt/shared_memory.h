#pragma once
// The shared memory of the block that runs now.

#include <cstddef>

namespace ganymede::simt {

inline constexpr std::size_t max_shared_bytes = 227 * 1024;     ///< of a block, opted in
inline constexpr std::size_t default_shared_bytes = 48 * 1024;  ///< without opting in

/// NaN bytes in the first `bytes`; what lies beyond is an error to touch.
void poison_shared_memory(std::size_t bytes);
void* shared_memory_buffer();

}  // namespace ganymede::simt
