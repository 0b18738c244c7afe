#pragma once
// The address sanitizer's interface, empty in builds without it.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define GANYMEDE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GANYMEDE_ASAN 1
#endif
#endif

#if defined(GANYMEDE_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace ganymede {

#if defined(GANYMEDE_ASAN)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

inline void poison(const void* memory, std::size_t bytes) {
#if defined(GANYMEDE_ASAN)
  __asan_poison_memory_region(memory, bytes);
#else
  (void)memory, (void)bytes;
#endif
}

inline void unpoison(const void* memory, std::size_t bytes) {
#if defined(GANYMEDE_ASAN)
  __asan_unpoison_memory_region(memory, bytes);
#else
  (void)memory, (void)bytes;
#endif
}

}  // namespace ganymede
