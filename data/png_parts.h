#pragma once
// What PNG files are made of, for the writers of pictures and of animations.

#include <cstdint>
#include <vector>

#include <ganymede/data/image.h>

namespace ganymede::png {

using Bytes = std::vector<std::uint8_t>;

/// Four bytes, the highest first; two.
void put_number(Bytes& out, std::uint32_t number);
void put_short(Bytes& out, std::uint32_t number);
/// Length, type (four letters), data, checksum.
void put_chunk(Bytes& out, const char* type, const Bytes& data);
/// The eight bytes that every PNG begins with.
void put_signature(Bytes& out);
/// What IHDR holds.
Bytes header_of(const Image& image);
/// What IDAT holds: rows, each with the filter of the smallest sum of absolute differences (the
/// specification's heuristic), deflated at zlib's `level` 0 to 9. Level 0 stores: images of one
/// form then take the same number of bytes, whatever they show. Throws ShapeError for an empty
/// image.
Bytes data_of(const Image& image, int level);
/// A whole file; write_png's at level 6.
Bytes encode(const Image& image, int level);

}  // namespace ganymede::png
