#pragma once

#include <cstddef>
#include <cstdint>

namespace ganymede {

/// Element types: f32 carries all arithmetic; u8 and u16 are resident images, i32 labels and
/// indices.
enum class DType : std::uint8_t { f32, u8, u16, i32, i64 };

constexpr std::size_t size_of(DType type) {
  switch (type) {
    case DType::u8:
      return 1;
    case DType::u16:
      return 2;
    case DType::i64:
      return 8;
    default:
      return 4;
  }
}

constexpr const char* name_of(DType type) {
  switch (type) {
    case DType::u8:
      return "u8";
    case DType::u16:
      return "u16";
    case DType::i32:
      return "i32";
    case DType::i64:
      return "i64";
    default:
      return "f32";
  }
}

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::f32;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = DType::u8;
};
template <>
struct DTypeOf<std::uint16_t> {
  static constexpr DType value = DType::u16;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = DType::i32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = DType::i64;
};
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

}  // namespace ganymede
