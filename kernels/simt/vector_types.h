#pragma once
// The vector types of CUDA, with CUDA's alignment: a misaligned vector access is a UBSan error.

#include <cstdint>

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  constexpr dim3(unsigned vx = 1, unsigned vy = 1, unsigned vz = 1) : x(vx), y(vy), z(vz) {}
  constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};

#define GANYMEDE_SIMT_VECTOR_TYPES(T, name, half_align, full_align)     \
  struct alignas(half_align) name##2 {                                  \
    T x, y;                                                             \
  };                                                                    \
  struct name##3 {                                                      \
    T x, y, z;                                                          \
  };                                                                    \
  struct alignas(full_align) name##4 {                                  \
    T x, y, z, w;                                                       \
  };                                                                    \
  constexpr name##2 make_##name##2(T x, T y) { return {x, y}; }         \
  constexpr name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; } \
  constexpr name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

GANYMEDE_SIMT_VECTOR_TYPES(float, float, 8, 16)
GANYMEDE_SIMT_VECTOR_TYPES(double, double, 16, 16)
GANYMEDE_SIMT_VECTOR_TYPES(int, int, 8, 16)
GANYMEDE_SIMT_VECTOR_TYPES(unsigned char, uchar, 2, 4)
GANYMEDE_SIMT_VECTOR_TYPES(unsigned short, ushort, 4, 8)
#undef GANYMEDE_SIMT_VECTOR_TYPES

struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
constexpr uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
constexpr uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }
constexpr uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
