#pragma once
// What stream.cpp and memory.cpp ask of the CUDA runtime; cuda/runtime.cu answers. Handles are
// opaque, so that no CUDA type leaves the cuda folder. Everything throws DeviceError on failure.

#include <cstddef>
#include <string>

namespace ganymede::kernels::cuda::runtime {

int device_count();           ///< 0 without driver or device; never throws
std::string why_no_device();  ///< empty where there is one

struct Properties {
  std::string name;
  int compute_major = 0, compute_minor = 0, multiprocessors = 0, driver = 0;
  /// What the loaded code was compiled for: less than the device's where the driver made it of PTX.
  int code_major = 0, code_minor = 0;
  std::size_t memory = 0, free_memory = 0;
  std::size_t shared_memory = 0;  ///< that a block can have
  std::size_t shared_memory_of_all = 0,
              reserved_shared_memory = 0;  ///< blocks of a multiprocessor; of each
};
Properties properties(int device);

void* create_stream(int device);
void destroy_stream(void* stream) noexcept;
void synchronize(void* stream);

void* create_event(int device);
void destroy_event(void* event) noexcept;
void record(void* event, void* stream);
void wait(void* stream, void* event);
bool finished(void* event);
void synchronize_event(void* event);

void* allocate(int device, std::size_t bytes);  ///< null when out of memory
void release(int device, void* memory) noexcept;
/// Pinned: copies from it run while the host goes on. For whoever frees it first waits for them.
void* allocate_host(int device, std::size_t bytes);
void release_host(void* memory) noexcept;

/// For the emulator, in the stream's order: `bytes` of a block of `capacity` become accessible and
/// hold NaN bytes, the rest of it is an error to touch. Does nothing on a real device.
void mark_extent(void* stream, void* memory, std::size_t bytes, std::size_t capacity);

void copy_to_device(void* stream, void* device, const void* host, std::size_t bytes);
void copy_to_host(void* stream, void* host, const void* device, std::size_t bytes);
void copy_within(void* stream, void* to, const void* from, std::size_t bytes);
/// Unlike copies these want the stream's device to be the current one, and see to it.
void fill_zero(int device, void* stream, void* memory, std::size_t bytes);
void begin_capture(int device, void* stream);
void* end_capture(int device, void* stream);
void abandon_capture(void* stream) noexcept;
void launch_graph(int device, void* graph, void* stream);
void destroy_graph(void* graph) noexcept;

}  // namespace ganymede::kernels::cuda::runtime
